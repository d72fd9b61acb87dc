"""Ardoise keeps the accounts of food-buying groups in a chat.

People talk to the **desk**. The desk runs a **conversation**. A conversation ends in **facts**. The **journal** records
facts: *postings* say what a fact does to the accounts, *notices* say who is told. Balances are read from the **books**.

From top to bottom, and imports only point down:

``__main__``      the command line; ``commands`` what its short commands do
``app``           puts everything together, starts and stops it; ``demo`` does so for an invented group, ``demo_group``
``schedule``      what happens by itself, claimed in the database; ``nights`` what is done once a night
``callbacks``     the address that providers of online payments call
``chats``         Telegram, Matrix, the demo's terminal and page: updates in, messages out
``reminding``     members reminded of what is due, coordinators told how far from zero the group is
``announcing``    what is told of distributions by itself
``delivery``      the outbox emptied: order, pace, retries; errands run
``desk``          one incoming message, one transaction
``handlers``      what people can ask for, one function per conversation
``papers``        files made from the books
``notices``       who is told what about a fact
``cards``         messages that stay true
``wording``       phrases that several of them share
``questions``     kinds of questions: an amount, a choice, a day, a file
``conversation``  asking and replay
``rebuilding``    everything that facts make, made again from them
``areas``         what facts mean beyond the books: every area follows what is recorded
``departures``    members who leave, accounts that close, what is erased of a person
``reminders``     what is due of whom and since when, who is reminded of it
``online``        payments by card that providers take for us
``outbox``        messages waiting to be delivered, cards to be drawn; ``errands`` work that waits to be done outside
``banking``       references to pay by, bank statements
``groups``        members, addresses, rights, invitations, rooms
``market``        catalogue, distributions, baskets, orders, stock
``operations``    what facts are called in a history
``words``         the language a person reads; ``locale`` the English sentences
``merchants``     the accounts at providers that the settings name
``logs``          what the program says of itself; ``sources`` where settings come from; ``archive`` backups
``config``        the settings of one installation
``providers``     those who take cards for us, behind one protocol
``chat``          what a chat is to us; ``complaints`` what a host is told; ``elision`` « d'Awa »;
                  ``stopping`` work that goes on until told to stop
``folding``       texts compared without case, accents and ligatures
``ledger``        the books
"""

__version__ = "0.1.0"
