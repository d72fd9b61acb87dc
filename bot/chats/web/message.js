// How a message looks. Whatever people wrote is text: nothing here reads it as HTML.

const BOLD_ON = "\u000e";
const BOLD = /(\u000e[^\u000f]*\u000f?)/;

/** Make an element with a class, a text, children. */
export function make(tag, className = "", text = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...(text ? [text] : []), ...children);
  return made;
}

/** Draw a message as seen by `viewer`; `act` is called with the option touched and its button. */
export function draw(message, viewer, act) {
  const own = message.by !== "" && message.by === viewer;
  const item = make("li", message.by ? (own ? "said own" : "said") : "told");
  item.classList.toggle("card", message.card);
  item.dataset.id = message.id;
  item.tabIndex = -1;
  const bubble = make("div", "bubble", "", speaker(message, own), ...body(message), stamp(message));
  item.append(bubble, ...message.rows.map((row) => drawRow(row, message, act)));
  return item;
}

/** Draw the line between two days. */
export function dayLine(day) {
  return make("li", "day", "", make("span", "", day));
}

function speaker(message, own) {
  const name = message.by ? message.name : "Ardoise";
  return make("span", message.by && !own ? "name" : "unseen", `${name} : `);
}

function body(message) {
  const parts = message.text ? [make("p", "text", "", ...words(message.text))] : [];
  return message.file ? [attached(message.file), ...parts] : parts;
}

function words(text) {
  return together(text).split(BOLD).map((part) =>
    part.startsWith(BOLD_ON) ? make("strong", "", part.replace(/[\u000e\u000f]/g, "")) : part.replace(/\u000f/g, ""),
  );
}

/** Keep French signs with their words at the end of a line. */
function together(text) {
  return text.replace(/« /g, "«\u00a0").replace(/ (?=[»:;?!])/g, "\u00a0");
}

function attached(file) {
  return file.picture ? picture(file) : saved(file);
}

function picture(file) {
  const image = make("img");
  image.src = file.address;
  image.alt = file.name;
  const link = make("a", "picture", "", image);
  link.href = file.address;
  link.target = "_blank";
  link.rel = "noopener";
  return link;
}

function saved(file) {
  const link = make("a", "file", "", make("span", "sheet", kind(file.name)), make("span", "", "", make("b", "", file.name), make("small", "", size(file.bytes))));
  link.href = file.address;
  link.download = file.name;
  return link;
}

function kind(name) {
  return name.includes(".") ? name.split(".").pop().slice(0, 4).toUpperCase() : "…";
}

function size(bytes) {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1024))} ko` : `${(bytes / 1_048_576).toFixed(1).replace(".", ",")} Mo`;
}

function stamp(message) {
  const changed = message.edits && !message.by ? "modifié · " : "";
  return make("span", "stamp", changed + message.time);
}

function drawRow(row, message, act) {
  const made = make("div", "row");
  for (const option of row) {
    const button = make("button", option.copies ? "copy" : "", option.label);
    button.type = "button";
    button.onclick = () => act(message, option, button);
    made.append(button);
  }
  return made;
}
