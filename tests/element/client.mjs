// Somebody on Matrix with Element's own library and crypto, who gives keys to signed devices only, as Element does.
//
// node client.mjs URL USER DEVICE TOKEN: prints a line of JSON for each event it can read; obeys lines of JSON on its input:
// {"join": ROOM}, {"create": [USER, …]}, {"say": TEXT, "room": ROOM}, {"react": KEY, "to": EVENT, "room": ROOM}.

import { createInterface } from "node:readline";
import { ClientEvent, MatrixEventEvent, RoomEvent, createClient } from "matrix-js-sdk";
import { OnlySignedDevicesIsolationMode } from "matrix-js-sdk/lib/crypto-api/index.js";
import { logger } from "matrix-js-sdk/lib/logger.js";

const [baseUrl, userId, deviceId, accessToken] = process.argv.slice(2);
const ENCRYPTION = { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };

logger.setLevel("silent");
console.log = console.debug = console.info = console.warn = () => {};
const tell = (told) => process.stdout.write(JSON.stringify(told) + "\n");

const client = createClient({ baseUrl, userId, deviceId, accessToken });
await client.initRustCrypto({ useIndexedDB: false });
const crypto = client.getCrypto();
crypto.setDeviceIsolationMode(new OnlySignedDevicesIsolationMode());
await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: (send) => send(null) });

const shown = (event) => {
  if (event.getType() === "m.room.encrypted" && !event.isDecryptionFailure()) return;
  tell({
    event: event.getId(), room: event.getRoomId(), sender: event.getSender(), type: event.getType(),
    content: event.getContent(), unreadable: event.isDecryptionFailure(), encrypted: event.isEncrypted(),
  });
};
client.on(RoomEvent.Timeline, (event, _room, atStart) => atStart || shown(event));
client.on(MatrixEventEvent.Decrypted, shown);
client.once(ClientEvent.Sync, () => tell({ ready: true }));
await client.startClient({ initialSyncLimit: 20 });

const obey = async (asked) => {
  if (asked.create) {
    const made = await client.createRoom({ invite: asked.create, is_direct: true, preset: "trusted_private_chat", initial_state: [ENCRYPTION] });
    tell({ created: made.room_id });
  } else if (asked.join) {
    await client.joinRoom(asked.join);
  } else if (asked.say) {
    await client.sendTextMessage(asked.room, asked.say);
  } else if (asked.react) {
    const relation = { rel_type: "m.annotation", event_id: asked.to, key: asked.react };
    await client.sendEvent(asked.room, "m.reaction", { "m.relates_to": relation });
  }
};
for await (const line of createInterface({ input: process.stdin })) {
  obey(JSON.parse(line)).catch((trouble) => tell({ trouble: String(trouble) }));
}
client.stopClient();
process.exit(0);
