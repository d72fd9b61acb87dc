"""The baseline: python-telegram-bot's own Application, Updater and httpx; it says back what it hears and stores nothing.

``python -m tests.benchmarks.echo_bot URL`` (see :mod:`tests.benchmarks.bench_telegram`).
"""

from __future__ import annotations

import logging
import sys

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

from tests.emulator import TOKEN


async def echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    """Say it back."""
    assert update.message is not None
    await update.message.reply_text(update.message.text or "?")


def main() -> None:
    """Poll until told to stop."""
    logging.disable(logging.CRITICAL)
    url = sys.argv[1]
    builder = Application.builder().token(TOKEN).base_url(f"{url}/bot").base_file_url(f"{url}/file/bot")
    application = builder.build()
    application.add_handler(MessageHandler(filters.ALL, echo))
    application.run_polling(allowed_updates=["message"])


if __name__ == "__main__":
    main()
