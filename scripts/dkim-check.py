"""Reads a mail and the text records of a domain from standard input, as JSON, and prints for each DKIM signature of the
mail whether it holds."""

import json
import sys

import dkim


def main():
    given = json.load(sys.stdin)
    mail = given["mail"].encode()
    records = given["records"]

    def ask(name, timeout=5):
        del timeout
        text = records.get(name.decode().rstrip("."))
        return None if text is None else text.encode()

    def holds(number):
        try:
            return dkim.DKIM(mail).verify(idx=number, dnsfunc=ask)
        except dkim.DKIMException:
            return False

    signatures = [name for name, _ in dkim.DKIM(mail).headers if name.lower() == b"dkim-signature"]
    print(json.dumps([holds(number) for number in range(len(signatures))]))


main()
