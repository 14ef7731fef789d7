"""The program that runs `unittest` and writes a report that names each test.

`unittest` itself writes none. The program is passed to the repository's own Python as an argument,
so that nothing of ours has to be installed beside the code under test.
"""

PROGRAM = r"""
import json, os, sys, unittest

report, *arguments = sys.argv[1:]
results = {}


def identify(test):
    if type(test).__name__ == "_FailedTest":
        path = test._testMethodName.replace(".", "/") + ".py"
        return path if os.path.isfile(path) else test._testMethodName
    test = getattr(test, "test_case", test)
    if not isinstance(test, unittest.TestCase):
        return str(test)
    module, names = sys.modules.get(type(test).__module__), type(test).__qualname__.split(".")
    file = getattr(module, "__file__", None) or type(test).__module__
    path = os.path.relpath(file) if os.path.isabs(file) else file
    return "::".join([path.replace(os.sep, "/"), *names, test._testMethodName])


class Result(unittest.TextTestResult):
    def keep(self, test, outcome, message=""):
        known = results.get(identify(test), ("passed", ""))
        if known[0] not in ("failed", "error"):
            results[identify(test)] = (outcome, message)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.keep(test, "passed")

    def addFailure(self, test, fault):
        super().addFailure(test, fault)
        self.keep(test, "failed", self.failures[-1][1])

    def addError(self, test, fault):
        super().addError(test, fault)
        self.keep(test, "error", self.errors[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.keep(test, "skipped", reason)

    def addExpectedFailure(self, test, fault):
        super().addExpectedFailure(test, fault)
        self.keep(test, "skipped", "expected to fail")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.keep(test, "failed", "It was expected to fail, and passed.")

    def addSubTest(self, test, subtest, fault):
        super().addSubTest(test, subtest, fault)
        if fault is not None:
            is_failure = issubclass(fault[0], test.failureException)
            told = (self.failures if is_failure else self.errors)[-1][1]
            self.keep(test, "failed" if is_failure else "error", subtest._subDescription() + "\n" + told)


class Runner(unittest.TextTestRunner):
    resultclass = Result

    def run(self, test):
        ended = super().run(test)
        with open(report, "w", encoding="utf-8", errors="replace") as file:
            json.dump([[name, *result] for name, result in results.items()], file)
        return ended


unittest.main(module=None, argv=["python -m unittest", *arguments], testRunner=Runner)
"""
