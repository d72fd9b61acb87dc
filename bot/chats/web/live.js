// The line on which the server tells what happens. It comes back by itself, and everything is told anew.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;
const LOST = "La démo ne répond plus. Je réessaie…";
const ENDED = "Cette démo est terminée : relancez-la, puis ouvrez l'adresse qu'affiche le terminal.";

export function follow(hear, trouble) {
  let wait = FIRST_WAIT;

  function open() {
    const line = new WebSocket(new URL("live", location.href.replace(/^http/, "ws")));
    line.onmessage = (event) => {
      wait = FIRST_WAIT;
      trouble("");
      hear(JSON.parse(event.data));
    };
    line.onclose = () => lost();
  }

  async function lost() {
    trouble(LOST);
    const page = await fetch("page.css", { method: "HEAD" }).catch(() => null);
    if (page?.status === 403) return trouble(ENDED);
    setTimeout(open, wait);
    wait = Math.min(2 * wait, LONGEST_WAIT);
  }

  open();
}
