import pytest

from larknb.api.pacing import Pacer


class Time:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


SEARCH = "bitable/v1/apps/AppA/tables/tbl1/records/search"


def worst_second(moments: list[float]) -> int:
    return max(sum(start <= at < start + 1.0 for at in moments) for start in moments)


def test_a_burst_stays_below_the_documented_rate() -> None:
    """In no second more than 20 searches leave, whichever tables they are for."""
    time = Time()
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    moments = []
    for n in range(100):
        pacer.wait("POST", f"bitable/v1/apps/AppA/tables/tbl{n}/records/search")
        moments.append(time.now)
    assert worst_second(moments) < 20


def test_apis_do_not_share_a_rate() -> None:
    """Listing fields is not delayed by searches."""
    time = Time()
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    for _ in range(18):
        pacer.wait("POST", SEARCH)
    pacer.wait("GET", "bitable/v1/apps/AppA/tables/tbl1/fields")
    assert time.slept == []


@pytest.mark.parametrize(
    ("paths", "most", "seconds"),
    [
        (("docx/v1/documents/Doc{n}A", "docx/v1/documents/Doc{n}A/blocks"), 5, 1.0),
        (("wiki/v2/spaces/7{n}/nodes", "wiki/v2/spaces/get_node"), 100, 60.0),
    ],
)
def test_documents_and_the_wiki_are_counted_as_one(paths: tuple[str, ...], most: int, seconds: float) -> None:
    """A thousand children never bring more than five requests for documents a second, or a hundred a minute."""
    time = Time()
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    moments = []
    for n in range(300):
        pacer.wait("GET", paths[n % len(paths)].format(n=n))
        moments.append(time.now)
    assert max(sum(start <= at < start + seconds for at in moments) for start in moments) <= most


def test_wiki_is_counted_by_the_minute() -> None:
    """The 100 a minute of get_node are not 100 a second."""
    time = Time()
    pacer = Pacer(clock=time.clock, sleep=time.sleep)
    for _ in range(91):
        pacer.wait("GET", "wiki/v2/spaces/get_node")
    assert time.slept == [60.0]


def test_loopback_is_paced_from_its_first_limit_on() -> None:
    """A stand-in is nobody's shared budget, until it says that it limits."""
    time = Time()
    pacer = Pacer(always=False, clock=time.clock, sleep=time.sleep)
    for _ in range(50):
        pacer.wait("POST", SEARCH)
    assert time.slept == []
    pacer.limited()
    pacer.wait("POST", SEARCH)
    assert len(time.slept) == 1
