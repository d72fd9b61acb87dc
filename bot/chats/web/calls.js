// What is asked of the server. Each call gives its answer, or throws a sentence to show.

const GONE = "La démo ne répond plus. Ce n'est pas envoyé.";

async function asked(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch {
    throw new Error(GONE);
  }
  const answer = await response.json().catch(() => ({ sentence: GONE }));
  if (!response.ok) throw new Error(answer.sentence);
  return answer;
}

function posted(address, order) {
  return asked(address, { method: "POST", body: JSON.stringify(order) });
}

export const say = (speaker, text) => posted("say", { ...speaker, text });
export const tap = (speaker, message, data) => posted("tap", { ...speaker, message, data });
export const day = () => posted("day", {});
export const menu = ({ who, place }) => asked(`menu/${place}/${who}`);

export function send({ who, place }, file) {
  const headers = { "Content-Type": file.type || "application/octet-stream" };
  return asked(`send/${place}/${who}/${encodeURIComponent(file.name)}`, { method: "POST", body: file, headers });
}
