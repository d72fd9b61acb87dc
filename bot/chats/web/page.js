// The page: three phones side by side, or one at a time on a narrow screen; the clock; what the server tells.

import * as calls from "./calls.js";
import { follow } from "./live.js";
import { make } from "./message.js";
import { Phone } from "./phone.js";

const MOST_KEPT = 300;
const KEPT = "ardoise-demo";

/** What the server told, kept for the phones to show. */
class Demo {
  learn(told) {
    Object.assign(this, { people: told.people, coordinators: told.coordinators, room: told.room });
    this.messages = new Map();
    for (const message of told.messages) this.keep(message);
  }

  keep(message) {
    const chat = this.messages.get(message.chat) ?? new Map();
    this.messages.set(message.chat, chat);
    chat.set(message.id, message);
    if (chat.size > MOST_KEPT) chat.delete(chat.keys().next().value);
  }

  chats(chat) {
    return [...(this.messages.get(chat)?.values() ?? [])];
  }
}

const demo = new Demo();
let phones = [];
let front = 0;

follow(hear, (words) => {
  const line = document.getElementById("line");
  if (line.textContent !== words) line.textContent = words;
  line.hidden = !words;
});

function hear(news) {
  if (news.kind === "everything") begin(news);
  if (news.kind === "clock") showClock(news.clock);
  if (news.kind === "message") arrived(news.message);
}

function begin(told) {
  demo.learn(told);
  document.getElementById("group").textContent = told.group;
  showClock(told.clock);
  if (phones.length) phones.forEach((phone) => phone.showAll());
  else makePhones();
}

function makePhones() {
  const [lea, bruno] = Object.keys(demo.people);
  const before = remembered();
  const holders = [["private", lea], ["private", bruno], ["room", demo.coordinators[0]]];
  phones = holders.map(([place, who], rank) => new Phone(place, demo.people[before[rank]] ? before[rank] : who, demo, taken));
  document.getElementById("phones").replaceChildren(...phones.map((phone) => phone.element));
  document.getElementById("tabs").replaceChildren(...phones.map((_phone, rank) => tab(rank)));
  bring(front);
  phones.forEach((phone) => phone.toEnd());
}

/** Somebody else takes a phone in hand. */
function taken(phone, who) {
  phone.hold(who);
  sessionStorage.setItem(KEPT, JSON.stringify(phones.map((each) => each.who)));
  nameTabs();
}

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? [];
  } catch {
    return [];
  }
}

function arrived(message) {
  demo.keep(message);
  phones.forEach((phone, rank) => {
    if (phone.chat !== message.chat) return;
    phone.show(message);
    if (rank !== front && message.by !== phone.who) phone.unread = (phone.unread ?? 0) + 1;
  });
  nameTabs();
}

function tab(rank) {
  const button = make("button");
  button.type = "button";
  button.onclick = () => bring(rank);
  return button;
}

/** Bring a phone to the front: on a narrow screen only that one is seen. */
function bring(rank) {
  front = rank;
  phones.forEach((phone, each) => phone.element.classList.toggle("front", each === rank));
  phones[rank].unread = 0;
  phones[rank].toEnd();
  nameTabs();
}

function nameTabs() {
  phones.forEach((phone, rank) => {
    const button = document.getElementById("tabs").children[rank];
    const unread = phone.unread ? [make("span", "unread", String(phone.unread), make("span", "unseen", " à lire"))] : [];
    button.replaceChildren(phone.title, ...unread);
    button.setAttribute("aria-pressed", String(rank === front));
  });
}

function showClock({ day, time }) {
  for (const [id, words] of [["day", day], ["time", time]]) {
    const shown = document.getElementById(id);
    if (shown.textContent !== words) shown.textContent = words;
  }
}

const advance = document.getElementById("advance");
advance.onclick = async () => {
  advance.disabled = true;
  try {
    showClock((await calls.day()).clock);
  } catch (error) {
    phones[front]?.toast(error.message);
  }
  advance.disabled = false;
  advance.focus();
};
