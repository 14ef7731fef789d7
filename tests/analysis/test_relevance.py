from mergewright.analysis.relevance import MAX_FILES, find_relevant_files
from mergewright.domain.ticket import Ticket, TicketKind
from tests.analysis.trees import sources

TREE = {
    "shop/dates.py": "def parse_date(text):\n    '''Parse a date in ISO form.'''\n    return text\n",
    "shop/prices.py": "def format_price(amount):\n    return f'{amount:.2f}'\n",
    "shop/orders.py": "from shop.dates import parse_date\n\nclass Order:\n    total = 0\n",
    "shop/__init__.py": "",
    "tests/test_dates.py": "from shop import dates\n\ndef test_parse():\n    dates.parse_date('x')\n",
    "tests/test_orders.py": "def test_order():\n    assert Order()\n",
    "tests/test_prices.py": "def test_price():\n    pass\n",
    "docs/dates.md": "# Dates\n\nHow dates are parsed: parsing of dates, parsed dates.\n",
    "data/dates.csv": "date,parse\n",
    "vendor/dates.py": "def parse_date(): ...\n",
}


def ticket(title, description="", kind=TicketKind.BUG):
    return Ticket(key="SHOP-1", title=title, description=description, kind=kind)


def ranked(title, description="", kind=TicketKind.BUG, tree=None):
    return find_relevant_files(sources(tree or TREE), ticket(title, description, kind))


def test_files_with_the_tickets_words_come_first_with_their_reason():
    found = ranked("Dates are parsed wrongly")
    assert found[0].path == "shop/dates.py"
    assert found[0].reason == "has the ticket's words dates, parsed"
    assert found[0].size_bytes == len(TREE["shop/dates.py"])
    assert "shop/prices.py" not in [file.path for file in found]


def test_the_path_counts_too():
    tree = {"billing/refunds.py": "def run(): ...\n", "billing/fees.py": "def run(): ...\n"}
    found = ranked("Refunding twice fails", tree=tree)
    assert [file.path for file in found] == ["billing/refunds.py"]


def test_a_file_that_the_ticket_names_wins():
    found = ranked("Dates are parsed wrongly", "See `shop/prices.py` line 2.")
    assert (found[0].path, found[0].reason) == ("shop/prices.py", "named in the ticket")
    assert ranked("Parsing", "It is in prices.py.")[0].path == "shop/prices.py"
    assert "named" not in ranked("Parsing", "Not myprices.py or prices.pyx.")[0].reason


def test_tests_follow_the_files_they_name():
    found = ranked("Dates are parsed wrongly")
    tests = [file for file in found if file.path.startswith("tests/")]
    assert tests[0].path == "tests/test_dates.py"
    assert tests[0].reason == "test that names dates (shop/dates.py)"
    assert found.index(tests[0]) > 0
    assert not any(file.path == "tests/test_prices.py" for file in found)


def test_prose_counts_for_documentation_only():
    assert "docs/dates.md" not in [file.path for file in ranked("Dates parsing")]
    found = ranked("Dates parsing", kind=TicketKind.DOCUMENTATION)
    assert "docs/dates.md" in [file.path for file in found]
    assert not any(file.path.startswith(("data/", "vendor/")) for file in found)


def test_the_order_of_files_does_not_matter_and_ties_go_by_path():
    tree = {f"pkg/{name}.py": "def parse(): ...\n" for name in ("c", "a", "b")}
    backwards = dict(reversed(tree.items()))
    found = ranked("Parse", tree=tree)
    assert [file.path for file in found] == ["pkg/a.py", "pkg/b.py", "pkg/c.py"]
    assert ranked("Parse", tree=backwards) == found


def test_the_list_is_short():
    tree = {f"pkg/parse_{number}.py": f"def parse_{number}(): ...\n" for number in range(50)}
    assert len(ranked("Parse", tree=tree)) == MAX_FILES


def test_a_ticket_that_shares_no_word_finds_nothing():
    assert ranked("Zebra") == ()
    assert ranked("the of and") == ()
    assert ranked("Parse", tree={"README.md": "parse"}) == ()
