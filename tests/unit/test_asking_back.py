"""The "no" to a name that nothing fitting has."""

from engine.asking_back import nothing_called


class TestNothingCalled:
    def test_names_that_are_spelled_alike_are_offered(self) -> None:
        """What one can say next names the first of them."""
        no = nothing_called("web-11", ("web-1", "web-12"), doing="stop")
        assert no.message == "I see nothing called web-11 that I could stop. Did you mean web-1 or web-12?"
        assert no.doors == ("stop web-1", "sync")

    def test_a_name_that_is_there_is_not_offered_as_another(self) -> None:
        """The thing exists and does not fit the rest: that is what is said."""
        no = nothing_called("orders-db", ("orders-db", "orders-db-2"))
        assert no.message == "There is orders-db, but nothing of that name that fits all you asked."
        assert no.doors == ("show orders-db", "sync")

    def test_a_verb_that_does_not_fit_what_is_there_is_named(self) -> None:
        """Whether a thing cannot be found or cannot be changed so is not the same."""
        no = nothing_called("Orders-DB", ("orders-db",), doing="resize")
        assert no.message == "There is Orders-DB, but nothing of that name that I could resize."
