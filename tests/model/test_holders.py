"""Who holds CLOSE_WAIT, and FIN_WAIT2."""

from lastack.model.holders import Holder
from lastack.model.sample import Silence
from tests.model.samples import SERVED, UPSTREAM, cohort, later, model, sample


def test_one_program_with_its_processes() -> None:
    """Workers of one program are one holder; its open connections count as its, others' do not."""
    made = model(
        cohort("CLOSE_WAIT", 3, **SERVED, process="php-fpm/10", uid=33),
        cohort("CLOSE_WAIT", 4, **UPSTREAM, process="php-fpm/11", uid=33),
        cohort("ESTABLISHED", 5, **SERVED, process="php-fpm/12", uid=33),
        cohort("ESTABLISHED", 6, **SERVED, process="nginx/9", uid=33),
        cohort("LAST_ACK", 7, **SERVED),
    )
    assert made.close_wait == [
        Holder(
            name="php-fpm",
            uid=None,
            accepted=True,
            count=7,
            connections=12,
            processes={"php-fpm/11": 4, "php-fpm/10": 3},
            places={"10.0.0.1 > 10.0.0.2:8080": 4, "10.0.0.1:80": 3},
            growth=None,
        )
    ]


def test_a_program_with_a_slash_in_its_name() -> None:
    """Only what follows the last slash is the process id."""
    [holder] = model(cohort("CLOSE_WAIT", 1, **SERVED, process="a/b/7")).close_wait
    assert holder.name == "a/b"


def test_a_hidden_process_is_known_by_its_owner() -> None:
    """Another user's sockets show their uid and no name."""
    [holder] = model(cohort("CLOSE_WAIT", 1, **SERVED, uid=33)).close_wait
    assert (holder.name, holder.uid, holder.accepted) == (None, 33, True)


def test_without_an_owner_it_waits_for_accept() -> None:
    """A connection that nobody accepted yet belongs to nobody."""
    [holder] = model(cohort("CLOSE_WAIT", 1, **SERVED)).close_wait
    assert (holder.name, holder.uid, holder.accepted) == (None, None, False)


def test_folded_sockets_may_belong_to_anybody() -> None:
    """Where the sample gave up the addresses it gave up the owner too."""
    [holder] = model(cohort("CLOSE_WAIT", 1)).close_wait
    assert (holder.name, holder.uid, holder.accepted) == (None, None, True)


def test_growth() -> None:
    """Since the earlier sample, from nothing if the holder had none."""
    before = sample(cohort("CLOSE_WAIT", 5, **SERVED, process="a/1"), cohort("ESTABLISHED", 9, **SERVED, process="b/2"))
    now = sample(cohort("CLOSE_WAIT", 3, **SERVED, process="a/1"), cohort("CLOSE_WAIT", 2, **SERVED, process="b/2"))
    assert [(one.name, one.growth) for one in later(before, now).close_wait] == [("a", -2), ("b", 2)]


def test_fin_wait2_that_a_process_holds() -> None:
    """Orphans have no holder: a timer ends them."""
    made = model(
        cohort("FIN_WAIT2", 5, **SERVED, process="app/7", uid=33),
        cohort("FIN_WAIT2", 99, **SERVED, orphan=True),
        cohort("ESTABLISHED", 3, **SERVED, process="app/7", uid=33),
    )
    [holder] = made.fin_wait2
    assert (holder.name, holder.count, holder.connections) == ("app", 5, 8)
    assert made.close_wait == []


def test_silence_of_all_processes_of_a_holder() -> None:
    """Added up; those of another state, holder or none are not among them."""
    silences = [
        Silence(state="CLOSE_WAIT", process="app/7", uid=33, seconds={0: 2, 64: 3}),
        Silence(state="CLOSE_WAIT", process="app/8", uid=33, seconds={128: 1}),
        Silence(state="CLOSE_WAIT", process="other/9", uid=33, seconds={128: 50}),
        Silence(state="FIN_WAIT2", process="app/7", uid=33, seconds={64: 50}),
        Silence(state="CLOSE_WAIT", seconds={256: 4}),
    ]
    cohorts = [cohort("CLOSE_WAIT", n, **SERVED, process=f"app/{7 + at}", uid=33) for at, n in enumerate((5, 1))]
    app, queued = model(*cohorts, cohort("CLOSE_WAIT", 4, **SERVED), silences=silences).close_wait
    assert (app.silent, app.silent_for(64), app.silent_for(256)) == ({0: 2, 64: 3, 128: 1}, 4, 0)
    assert (queued.accepted, queued.silent_for(256)) == (False, 4)


def test_silence_out_of_sight() -> None:
    """None is not zero."""
    [holder] = model(cohort("CLOSE_WAIT", 5, **SERVED, process="app/7")).close_wait
    assert holder.silent_for(1) is None
