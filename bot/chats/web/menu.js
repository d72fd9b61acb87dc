// The menu of commands, above what is being written: opened by its button, closed by Escape or by looking elsewhere.

import * as calls from "./calls.js";
import { make } from "./message.js";

export class Menu {
  constructor(phone, choose, trouble) {
    this.phone = phone;
    this.choose = choose;
    this.trouble = trouble;
    this.box = phone.element.querySelector(".menu");
    this.button = phone.element.querySelector(".open-menu");
    this.button.onclick = () => (this.box.hidden ? this.open() : this.close());
    phone.element.addEventListener("keydown", (event) => this.pressed(event));
    document.addEventListener("pointerdown", (event) => this.touched(event));
  }

  async open() {
    try {
      const { commands } = await calls.menu(this.phone.speaker);
      this.box.querySelector("ul").replaceChildren(...commands.map((command) => this.line(...command)));
    } catch (error) {
      return this.trouble(error.message);
    }
    this.shown(true);
    this.box.querySelector("button")?.focus();
  }

  close() {
    if (this.box.contains(document.activeElement)) this.button.focus();
    this.shown(false);
  }

  line(word, does) {
    const button = make("button", "", "", make("b", "", `/${word}`), make("span", "", does));
    button.type = "button";
    button.onclick = () => {
      this.close();
      this.choose(`/${word}`);
    };
    return make("li", "", "", button);
  }

  shown(open) {
    this.box.hidden = !open;
    this.button.setAttribute("aria-expanded", String(open));
  }

  pressed(event) {
    if (this.box.hidden) return;
    if (event.key === "Escape") this.close();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const lines = [...this.box.querySelectorAll("button")];
    const next = lines[lines.indexOf(document.activeElement) + step];
    event.preventDefault();
    (next ?? lines.at(step > 0 ? 0 : -1)).focus();
  }

  touched(event) {
    if (!this.box.hidden && !this.box.contains(event.target) && !this.button.contains(event.target)) this.shown(false);
  }
}
