"""Ardoise keeps the accounts of food-buying groups in a chat.

People talk to the **desk**. The desk runs a **conversation**. A conversation ends in **facts**. The **journal** records
facts: *postings* say what a fact does to the accounts, *notices* say who is told. Balances are read from the **books**.

From top to bottom, and imports only point down:

``__main__``      the command line; ``commands`` what its short commands do
``app``           puts everything together, starts and stops it; ``demo`` does so for an invented group
``schedule``      what happens by itself, claimed in the database
``chats``         Telegram, the demo's terminal and page: updates in, messages out
``reminding``     members reminded of what is due, coordinators told how far from zero the group is
``announcing``    what is told of distributions by itself
``delivery``      the outbox emptied: order, pace, retries; errands run
``desk``          one incoming message, one transaction
``handlers``      what people can ask for, one function per conversation
``cards``         messages that stay true
``notices``       who is told what about a fact
``outbox``        messages waiting to be delivered, errands waiting to be run
``conversation``  questions and replay
``reminders``     what is due of whom and since when, who is reminded of it
``papers``        files made from the books
``groups``        members, addresses, rights, invitations, rooms
``words``         the language a person reads
``chat``          what a chat is to us
``folding``       texts compared without case, accents and ligatures
``archive``       backups; ``logs`` what the program says of itself; ``sources`` where settings come from
``config``        the settings of one installation; ``complaints`` what a host is told
``ledger``        the books
"""

__version__ = "0.1.0"
