// A phone: who holds it, what its chat shows, what is written and touched on it.

import * as calls from "./calls.js";
import { Menu } from "./menu.js";
import { dayLine, draw } from "./message.js";

const NEAR_END = 80;
const TOAST_TIME = 4_500;

export class Phone {
  /** `place` is "private" or "room"; `demo` is what the server told: people, coordinators, chats. */
  constructor(place, who, demo, heard) {
    const template = document.getElementById("phone");
    this.element = template.content.firstElementChild.cloneNode(true);
    this.part = (selector) => this.element.querySelector(selector);
    Object.assign(this, { place, demo, heard, who, field: this.part("textarea"), log: this.part(".log"), scroll: this.part(".scroll") });
    this.element.classList.add(place);
    this.menu = new Menu(this, (words) => this.say(words), (words) => this.toast(words));
    this.listen();
    this.offerPeople();
    this.hold(who);
  }

  get speaker() {
    return { who: this.who, place: this.place };
  }

  get chat() {
    return this.place === "room" ? this.demo.room : this.who;
  }

  get title() {
    return this.place === "room" ? "Salon" : this.demo.people[this.who];
  }

  /** Somebody takes the phone in hand. */
  hold(who) {
    this.who = who;
    const name = this.demo.people[who];
    const room = this.place === "room";
    const coordinates = this.demo.coordinators.includes(who);
    this.part("h2").textContent = room ? "Salon des coordinateurs" : `Téléphone de ${name}`;
    this.part(".held").textContent = room ? "On y écrit pour" : "Téléphone de";
    this.part(".about").textContent = room ? "" : `En privé avec Ardoise${coordinates ? " · coordination" : ""}`;
    this.part(".face").textContent = room ? "✦" : name[0];
    this.part(".face").dataset.who = room ? "room" : who;
    this.part("select").value = who;
    this.element.setAttribute("aria-label", this.part("h2").textContent);
    this.scroll.setAttribute("aria-label", `Messages : ${this.title}`);
    this.field.setAttribute("aria-label", `Message de ${name}`);
    this.menu.shown(false);
    this.showAll();
  }

  /** Show the whole chat anew. */
  showAll() {
    this.scroll.setAttribute("aria-live", "off");
    this.log.replaceChildren();
    this.day = "";
    for (const message of this.demo.chats(this.chat)) this.append(message);
    this.settle();
    this.toEnd();
    requestAnimationFrame(() => this.scroll.setAttribute("aria-live", "polite"));
  }

  /** Show a message that has appeared or changed. */
  show(message) {
    const atEnd = this.atEnd();
    const there = this.log.querySelector(`[data-id="${CSS.escape(message.id)}"]`);
    if (there) this.change(there, message);
    else this.append(message);
    this.settle();
    const own = message.by === this.who;
    if (atEnd || own) this.toEnd();
    else if (!there) this.part(".down").hidden = false;
  }

  append(message) {
    if (message.day !== this.day) this.log.append(dayLine(message.day));
    this.day = message.day;
    this.log.append(this.drawn(message));
  }

  change(there, message) {
    const focused = there.contains(document.activeElement);
    const drawn = this.drawn(message);
    drawn.classList.toggle("changed", message.id !== this.touched);
    there.replaceWith(drawn);
    if (focused) (drawn.querySelector("button") ?? this.field).focus({ preventScroll: true });
  }

  drawn(message) {
    return draw(message, this.who, (from, option, button) => this.touch(from, option, button));
  }

  /** After any change: which buttons are the newest, whether an answer is awaited. */
  settle() {
    const told = [...this.log.querySelectorAll(".told")];
    const newest = told.at(-1);
    for (const item of told) item.classList.toggle("newest", item === newest);
    const last = this.demo.chats(this.chat).findLast((message) => !message.by);
    this.part(".asked").hidden = !last?.asks || this.place !== "room";
    this.part(".asked").textContent = last?.asks ? `Réponse à : ${question(last.text)}` : "";
    this.field.placeholder = last?.asks ? "Répondre…" : "Écrire…";
  }

  listen() {
    this.part("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.sayWritten();
    });
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.sayWritten();
    });
    this.field.addEventListener("input", () => this.fit());
    this.part(".clip").onclick = () => this.part(".file").click();
    this.part(".file").onchange = (event) => this.send(event.target);
    this.part(".down").onclick = () => this.toEnd();
    this.scroll.addEventListener("scroll", () => this.scrolled());
    const resized = new ResizeObserver(() => this.pinned && this.toEnd());
    for (const box of [this.scroll, this.log]) resized.observe(box);
    this.part("select").onchange = (event) => this.heard(this, event.target.value);
  }

  offerPeople() {
    const { people, coordinators } = this.demo;
    const groups = [["Adhérents", Object.keys(people).filter((who) => !coordinators.includes(who))], ["Coordinateurs", coordinators]];
    if (this.place === "room") groups.reverse();
    for (const [label, members] of groups) {
      const group = document.createElement("optgroup");
      group.label = label;
      group.append(...members.map((who) => new Option(people[who], who)));
      this.part("select").append(group);
    }
  }

  async sayWritten() {
    const text = this.field.value.trim();
    if (!text) return this.field.focus();
    this.field.value = "";
    this.fit();
    if (!(await this.say(text)) && !this.field.value) this.field.value = text;
  }

  say(text) {
    return this.asking(calls.say(this.speaker, text));
  }

  async send(input) {
    const [file] = input.files;
    if (file) await this.asking(calls.send(this.speaker, file));
    input.value = "";
  }

  async touch(message, option, button) {
    if (option.copies) return this.copy(option.copies);
    button.setAttribute("aria-busy", "true");
    this.touched = message.id;
    await this.asking(calls.tap(this.speaker, message.id, option.data));
    this.touched = "";
    button.removeAttribute("aria-busy");
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.toast(`Copié : ${text}`);
    } catch {
      this.toast(`À copier : ${text}`);
    }
  }

  /** Wait for an answer; show the words beside it, or why it could not be done. */
  async asking(call) {
    try {
      const { toast } = await call;
      if (toast) this.toast(toast);
      return true;
    } catch (error) {
      this.toast(error.message);
      return false;
    }
  }

  toast(words) {
    const box = this.part(".toast");
    box.textContent = words;
    box.hidden = false;
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => (box.hidden = true), TOAST_TIME + 40 * words.length);
  }

  fit() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
  }

  atEnd() {
    return this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR_END;
  }

  /** Somebody looks back, or is at the end again; a chat that only grew is not looked back on. */
  scrolled() {
    const back = this.scroll.scrollTop < this.scrolledTo;
    this.scrolledTo = this.scroll.scrollTop;
    this.pinned = this.atEnd() || (this.pinned && !back);
    this.part(".down").hidden ||= this.pinned;
  }

  toEnd() {
    this.pinned = true;
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.part(".down").hidden = true;
  }
}

function question(text) {
  const lines = text.replace(/[\u000e\u000f]/g, "").split("\n");
  return lines.findLast((line) => line.trim().endsWith("?")) ?? lines.at(-1);
}
