"""Two coordinators: neither makes or unmakes the other alone, and whoever is left alone waits before deciding alone (B43)."""

from __future__ import annotations

import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, delete, select

from bot import areas
from bot.demo_group import ROOM
from bot.desk import silence
from bot.groups.chosen import settings
from bot.groups.facts import ProposalDecided
from bot.groups.people import Group, Right
from bot.groups.proposals import OwnProposalError
from bot.groups.tables import Member, Proposal, Room
from bot.ledger.tables import FACT
from bot.schedule import Schedule
from tests.departed import leaves
from tests.transcripts import Scene, run

LEA, BRUNO, CAMILLE, SOFIANE = 1, 2, 4, 5
ALONE = (
    "Cela se décide à deux, et il n'y a plus d'autre coordinateur depuis le mardi 24 novembre à 18 h. Vous pourrez le décider à "
    "partir du vendredi 27 novembre à 18 h. Rien n'a changé."
)


def coordinators(scene: Scene) -> list[int]:
    """List who coordinates."""
    with scene.store.read() as connection:
        return sorted(person.number for person in Group(connection, 1).coordinators())


def silent(scene: Scene, **span: float) -> dict[str, list[str]]:
    """Let time pass in which nobody says anything; give what is told then, by chat."""
    scene.later(**span)
    scene.unheard()
    silence.agree(scene.store, scene.now)
    scene.delivery.deliver(scene.receive)
    told: dict[str, list[str]] = {}
    for shown in scene.unheard():
        told.setdefault(shown.place.chat, []).append(shown.message.text)
    return told


def unseat(scene: Scene, who: str = "camille", other: str = "Sofiane") -> None:
    """One coordinator proposes that another coordinates no more."""
    scene.says(who, f"/droits {other} adhérent")
    scene.taps(who, "Oui")


def only_camille(scene: Scene) -> None:
    """Sofiane has agreed to coordinate no more."""
    unseat(scene)
    scene.taps("sofiane", "D'accord")
    scene.unheard()
    assert coordinators(scene) == [CAMILLE]


def test_a_coordinator_who_is_to_be_removed_refuses_with_one_tap(play: Callable[[], Scene]) -> None:
    """
    Told in private and in the room (B43). One tap, and nothing has changed; the delay is over, too.

    camille: /droits Sofiane adhérent
    bot: Sofiane : adhérent ? [Oui | Non | Retour]
    camille: [Oui]
    bot: Qui coordonne se décide à deux : je demande son accord à un autre coordinateur. Sans réponse, ce sera fait le vendredi 27 novembre à 18 h. [Retirer]
    bot→salon: ⚠️ Camille propose : / – Droits : adhérent · Sofiane / Qui coordonne se décide à deux. Sans réponse, ce sera fait le vendredi 27 novembre à 18 h. [D'accord | Refuser]
    bot→sofiane: ⚠️ Camille propose, et cela vous concerne : / – Droits : adhérent · Sofiane / Si vous n'êtes pas d'accord, touchez « Refuser ». Sans réponse, ce sera fait le vendredi 27 novembre à 18 h. [D'accord | Refuser]
    camille@salon: [D'accord]
    bot→salon: C'est votre propre proposition : un autre coordinateur doit la décider.
    sofiane: [Refuser]
    bot: C'est refusé. Rien n'a été enregistré.
    bot→camille: Sofiane n'a pas donné son accord. Rien n'a été enregistré.
    bot→salon: Sofiane n'a pas donné son accord. Rien n'a été enregistré.
    sofiane@salon: [D'accord]
    bot→salon: C'est déjà décidé. Rien n'a changé.
    """
    scene = play()
    assert silent(scene, days=4) == {}
    assert coordinators(scene) == [CAMILLE, SOFIANE]


@pytest.mark.parametrize("typed", ["Oui", "yes", "peut-être"])
def test_words_that_are_neither_a_yes_nor_a_no_decide_nothing(scene: Scene, typed: str) -> None:
    """B43, B48: only « non » refuses what another coordinator proposes."""
    unseat(scene)
    number = re.search(r"accord oui ([0-9]+)", scene.button("sofiane", "D'accord")[1].data)
    assert number is not None
    scene.unheard()
    scene.says("sofiane", f"/accord {typed} {number[1]}")
    assert scene.told("sofiane") == ["Il n'y a pas de proposition à décider."]
    scene.taps("sofiane", "D'accord")
    assert coordinators(scene) == [CAMILLE]


def test_nobody_agrees_to_their_own_proposal_whatever_their_chat_says(scene: Scene) -> None:
    """B43: it is looked at again in the transaction that records it."""
    unseat(scene)
    row = scene.row(Proposal)
    decided = ProposalDecided(row.author, row.number, accepted=True)

    def record(connection: Connection) -> None:
        areas.record(connection, group=1, fact=decided, author=row.author, at=scene.now, key="mine")

    with pytest.raises(OwnProposalError):
        scene.store.write(record).result()


def test_silence_agrees_after_three_days(scene: Scene) -> None:
    """B43: not a moment before; everybody is told; a tap that comes later changes nothing."""
    unseat(scene)
    assert silent(scene, days=3, seconds=-1) == {}
    assert coordinators(scene) == [CAMILLE, SOFIANE]
    told = silent(scene, seconds=1)
    assert coordinators(scene) == [CAMILLE]
    assert told["camille"] == ["Personne n'a refusé ce que Camille proposait : c'est fait."]
    assert told["sofiane"][:2] == [
        "Personne n'a refusé ce que Camille proposait : c'est fait.",
        "Ardoise a changé vos droits : adhérent.",
    ]
    assert "Ardoise a changé les droits : Sofiane, adhérent." in told[ROOM.chat]
    assert silent(scene, days=1) == {}
    scene.taps("sofiane", "Refuser")
    assert scene.said("sofiane").startswith("/accord est réservé aux coordinateurs")


def test_who_is_left_alone_changes_no_iban_for_three_days(scene: Scene) -> None:
    """B43: the refusal says since when, and until when; nothing is kept; then a lone coordinator decides alone, as ever."""
    only_camille(scene)
    scene.later(hours=2)
    run(
        scene,
        [
            "camille: /reglages cheques",
            "bot: À l'ordre de qui fait-on les chèques ? [Aucun | Annuler]",
            "camille: Camille",
            "bot: Chèques à l'ordre de Camille ? [Oui | Non | Retour]",
            "camille: oui",
            f"bot: {ALONE}",
        ],
    )
    scene.says("camille", "/reglages iban")
    scene.says("camille", "FR14 2004 1010 0505 0001 3M02 606")
    scene.says("camille", "Camille Martin")
    scene.taps("camille", "Oui")
    assert scene.said("camille") == ALONE
    with scene.store.read() as connection:
        kept = settings(connection, 1)
    assert (kept.cheque_payee, kept.iban, kept.account_holder) == ("", "", "")
    scene.later(days=3)
    run(
        scene,
        [
            "camille: /reglages cheques",
            "bot: …",
            "camille: Camille",
            "bot: …",
            "camille: oui",
            "bot: ✅ Ordre des chèques : Camille (avant : aucun) [Réglages]",
            "bot→salon: …",
        ],
    )


@pytest.mark.parametrize(
    "typed",
    [("/reprise Camille 10", "oui"), ("/ecart Léa", "petite dette", "oui"), ("/droits Bruno coordinateur", "oui")],
)
def test_what_takes_two_waits_for_who_is_left_alone(scene: Scene, typed: tuple[str, ...]) -> None:
    """B43: one's own account, much let go of, another coordinator of one's own making."""
    only_camille(scene)
    for said in typed:
        scene.says("camille", said)
    assert scene.said("camille").startswith("Cela se décide à deux, et il n'y a plus d'autre coordinateur depuis")
    assert coordinators(scene) == [CAMILLE]


def test_a_lone_coordinator_does_not_validate_their_own_payment_at_once(scene: Scene) -> None:
    """B21, B43: what a card offers is refused with the same words."""
    only_camille(scene)
    scene.says("camille", "/payer 20 chèque")
    scene.taps("camille", "Déclarer")
    scene.taps("camille", "Reçu", "salon")
    assert "il n'y a plus d'autre coordinateur depuis" in scene.toast
    scene.later(days=3)
    scene.taps("camille", "Reçu", "salon")
    with scene.store.read() as connection:
        assert "PaymentValidated" in connection.execute(select(FACT.c.kind)).scalars().all()


def test_a_group_that_always_had_one_coordinator_works_as_ever(scene: Scene) -> None:
    """B43: there is nobody to ask, and never was."""
    scene.change(Member.__table__.update().where(Member.__table__.c.number == SOFIANE).values(right="member"))  # type: ignore[attr-defined]
    scene.says("camille", "/droits Bruno coordinateur")
    scene.taps("camille", "Oui")
    assert coordinators(scene) == [BRUNO, CAMILLE]


def test_a_second_coordinator_is_not_made_by_one_alone(scene: Scene) -> None:
    """B43: else one could make a third of one's own, who agrees to everything."""
    scene.says("camille", "/droits Bruno coordinateur")
    scene.taps("camille", "Oui")
    assert coordinators(scene) == [CAMILLE, SOFIANE]
    scene.taps("sofiane", "D'accord", "salon")
    assert coordinators(scene) == [BRUNO, CAMILLE, SOFIANE]


@pytest.mark.parametrize("room", [True, False])
def test_what_silence_agrees_to_is_read_by_every_other_coordinator(scene: Scene, *, room: bool) -> None:
    """B43: a room of which the other knows nothing does not count as telling them; nobody is told twice in one chat."""
    if not room:
        scene.change(delete(Room))
    scene.says("camille", "/droits Bruno coordinateur")
    scene.taps("camille", "Oui")
    told = [shown.place.chat for shown in scene.unheard() if "Camille propose" in shown.message.text]
    assert told.count("sofiane") == 1
    assert (len(told) == 2) == room


def test_a_third_coordinator_agrees_though_it_is_objected_to(scene: Scene) -> None:
    """B43: who is about to be removed stops the clock; another one decides, and nobody twice."""
    scene.says("camille", "/droits Bruno coordinateur")
    scene.taps("camille", "Oui")
    scene.taps("sofiane", "D'accord")
    unseat(scene)
    scene.unheard()
    scene.taps("sofiane", "Refuser")
    assert "C'est noté : rien ne se fera sans l'accord d'un autre coordinateur." in scene.told("sofiane")
    scene.taps("sofiane", "Refuser")
    assert scene.said("sofiane") == "C'est déjà décidé. Rien n'a changé."
    assert silent(scene, days=4) == {}
    scene.taps("bruno", "D'accord", "salon")
    assert coordinators(scene) == [BRUNO, CAMILLE]


def test_who_proposed_takes_it_back(scene: Scene) -> None:
    """B43, B45: the phone was found, the quarrel is over."""
    unseat(scene)
    scene.unheard()
    scene.taps("camille", "Retirer")
    told = {shown.place.chat: shown.message.text for shown in scene.unheard()}
    assert told["camille"] == "C'est retiré. Rien n'a changé."
    assert told["sofiane"] == "Camille retire sa proposition. Rien n'a changé."
    assert silent(scene, days=4) == {}
    assert coordinators(scene) == [CAMILLE, SOFIANE]


def test_noting_that_the_other_has_left_is_a_proposal_too(scene: Scene) -> None:
    """B43, B44: by silence they are out, their device told why; an avoir of theirs is for later, not part of it."""
    scene.says("camille", "/quitter Sofiane")
    scene.taps("camille", "Oui")
    assert any("– Départ · Sofiane" in said for said in scene.told("sofiane"))
    told = silent(scene, days=3)
    assert coordinators(scene) == [CAMILLE]
    assert any(said.startswith("Ardoise a noté votre départ") for said in told["sofiane"])
    scene.says("camille", "/reprise Camille 10")
    scene.says("camille", "oui")
    assert "Vous pourrez le décider à partir du lundi 30 novembre à 18 h" in scene.said("camille")


def test_who_leaves_by_oneself_leaves_the_other_waiting_as_well(scene: Scene) -> None:
    """B43, B44: one's own departure needs nobody."""
    scene.says("sofiane", "/quitter")
    scene.taps("sofiane", "Les garder")
    scene.taps("sofiane", "Quitter")
    assert coordinators(scene) == [CAMILLE]
    scene.says("camille", "/reprise Camille 10")
    scene.says("camille", "oui")
    assert "il n'y a plus d'autre coordinateur depuis" in scene.said("camille")


def test_a_coordinator_without_a_phone_does_not_leave_the_group_stuck(scene: Scene) -> None:
    """B42, B43: the lost phone is cut off by silence, then the new one is invited; or the right is taken, and three days later one
    decides alone."""
    scene.says("camille", "/perdu Sofiane")
    scene.taps("camille", "Oui")
    assert any("– Appareil retiré · Sofiane" in said for said in scene.told("sofiane"))
    silent(scene, days=3)
    with scene.store.read() as connection:
        assert Group(connection, 1).reaches(SOFIANE) == []
    scene.says("camille", "/inviter Sofiane")
    code = re.search(r"code-\d+", scene.said("camille"))
    assert code
    scene.says("nouveau", f"/start {code[0]}")
    scene.says("nouveau", "/solde")
    assert "à l'équilibre" in scene.said("nouveau")
    unseat(scene)
    silent(scene, days=3)
    silent(scene, days=3)
    scene.says("camille", "/reprise Camille 10")
    scene.says("camille", "oui")
    assert scene.said("camille").startswith("✅")


def test_a_device_that_is_gone_quiet_is_not_replaced_by_an_invitation(scene: Scene) -> None:
    """B42, B43: Sofiane has blocked the bot; whoever opens his invitation does not speak for him, as they would for a member."""
    scene.receive(scene.incoming("sofiane", gone=True))
    for who, answered in (("Sofiane", "Presque fini"), ("Bruno", "Bienvenue")):
        if who == "Bruno":
            scene.receive(scene.incoming("bruno", gone=True))
        scene.says("camille", f"/inviter {who}")
        code = re.search(r"code-\d+", scene.said("camille"))
        assert code
        scene.says(f"other{who}", f"/start {code[0]}")
        assert scene.said(f"other{who}").startswith(answered)


def test_a_strangers_request_is_refused_by_any_coordinator_at_once(scene: Scene) -> None:
    """B42, B43: it speaks for nobody yet."""
    scene.says("sofiane", "/lier")
    code = re.search(r"code-\d+", scene.said("sofiane"))
    assert code
    scene.says("thief", f"/start {code[0]}")
    scene.says("camille", "/perdu Sofiane")
    scene.says("camille", "2")
    scene.taps("camille", "Oui")
    with scene.store.read() as connection:
        assert [(reach.number, reach.state) for reach in Group(connection, 1).reaches(SOFIANE)] == [(1, "linked")]


def test_who_no_longer_coordinates_has_nothing_done_by_silence(scene: Scene) -> None:
    """B43: each proposes to remove the other; the earlier one is done, the later one is not."""
    unseat(scene)
    scene.later(hours=1)
    unseat(scene, "sofiane", "Camille")
    told = silent(scene, days=3)
    assert coordinators(scene) == [CAMILLE]
    assert "Ce que Sofiane proposait ne peut plus se faire. Rien n'a changé." in told["sofiane"]
    with scene.store.read() as connection:
        states = connection.execute(select(Proposal.state).order_by(Proposal.number)).scalars().all()  # type: ignore[call-overload]
    assert states == ["accepted", "refused"]


def test_who_has_left_since_is_not_made_a_coordinator_by_silence(scene: Scene) -> None:
    """B43, B44: they would come back with the right, and nobody would have said so."""
    scene.says("camille", "/droits Bruno coordinateur")
    scene.taps("camille", "Oui")
    leaves(scene, "bruno", "Le donner au groupe")
    told = silent(scene, days=3)
    assert told["camille"] == ["Ce que Camille proposait ne peut plus se faire. Rien n'a changé."]
    scene.says("camille", "/inviter Bruno")
    scene.taps("camille", "C'est elle")
    scene.taps("camille", "Oui")
    assert coordinators(scene) == [CAMILLE, SOFIANE]


def test_silence_does_not_agree_to_what_may_come_from_a_lost_phone(scene: Scene) -> None:
    """B42, B43: whoever had it may have proposed a coordinator of their own; another one may still agree to it."""
    scene.says("camille", "/droits Bruno coordinateur")
    scene.taps("camille", "Oui")
    scene.says("sofiane", "/perdu Camille")
    scene.taps("sofiane", "Oui")
    scene.unheard()
    scene.taps("camille", "D'accord")
    assert (
        "⚠️ Camille a retiré un appareil de Camille (coordination). Ce que Camille a proposé avant ne se fera pas sans l'accord "
        "d'un autre coordinateur."
    ) in scene.told("salon")
    assert silent(scene, days=4) == {}
    assert coordinators(scene) == [CAMILLE, SOFIANE]
    scene.taps("sofiane", "D'accord")
    assert coordinators(scene) == [BRUNO, CAMILLE, SOFIANE]


def test_what_can_no_longer_be_done_is_closed_and_said(scene: Scene) -> None:
    """B43: the right was given up meanwhile by other means; the last coordinator stays one."""
    unseat(scene)
    scene.change(Member.__table__.update().where(Member.__table__.c.number == CAMILLE).values(right="member"))  # type: ignore[attr-defined]
    silent(scene, days=3)
    assert coordinators(scene) == [SOFIANE]
    assert scene.row(Proposal).state == "refused"


def test_silence_never_moves_money(scene: Scene) -> None:
    """B43: an own account, an IBAN wait for a tap, however long."""
    scene.says("camille", "/reprise Camille 10")
    scene.says("camille", "oui")
    assert scene.row(Proposal).due_at is None
    assert silent(scene, days=10) == {}


def test_both_taps_of_a_proposal_decide_it_once(scene: Scene) -> None:
    """B43, B46: agreed to in the room and in private."""
    unseat(scene)
    private, room = scene.button("sofiane", "D'accord"), scene.button("sofiane", "D'accord", "salon")
    scene.tap_again("sofiane", room, "salon")
    scene.tap_again("sofiane", private)
    with scene.store.read() as connection:
        kinds = connection.execute(select(FACT.c.kind)).scalars().all()
        person = Group(connection, 1).member(SOFIANE)
    assert kinds.count("ProposalDecided") == 1
    assert person is not None
    assert person.right is Right.MEMBER


def night_after_night(scene: Scene, schedule: Schedule, *, days: int) -> None:
    """Let days pass, with a look at what is due three times in each."""
    for _time in range(3 * days):
        scene.later(hours=8)
        schedule.tick()


def scheduled(scene: Scene) -> Schedule:
    """Start anew."""
    return Schedule(scene.store, lambda: scene.now, zone=ZoneInfo("Europe/Paris"), backups=None)


def test_the_schedule_looks_at_what_silence_agrees_to(scene: Scene) -> None:
    """B43: by itself, once."""
    unseat(scene)
    schedule = scheduled(scene)
    night_after_night(scene, schedule, days=3)
    assert coordinators(scene) == [CAMILLE]
    scene.unheard()
    night_after_night(scene, schedule, days=1)
    assert not any("Personne n'a refusé" in shown.message.text for shown in scene.unheard())


def test_nobody_is_silent_while_nobody_listens(scene: Scene) -> None:
    """B43, B47: the machine was off for days; the others are told now, and have as much time as ever to object."""
    unseat(scene)
    scene.later(days=5)
    schedule = scheduled(scene)
    schedule.tick()
    night_after_night(scene, schedule, days=1)
    assert coordinators(scene) == [CAMILLE, SOFIANE]
    night_after_night(scene, schedule, days=2)
    assert coordinators(scene) == [CAMILLE]


def test_what_was_objected_to_during_a_restart_is_heard_first(scene: Scene) -> None:
    """B43: the tap waits at the platform when the delay ends."""
    unseat(scene)
    night_after_night(scene, scheduled(scene), days=2)
    scene.later(days=1)
    restarted = scheduled(scene)
    restarted.tick()
    assert coordinators(scene) == [CAMILLE, SOFIANE]
    scene.taps("sofiane", "Refuser")
    scene.later(minutes=10)
    restarted.tick()
    assert coordinators(scene) == [CAMILLE, SOFIANE]
