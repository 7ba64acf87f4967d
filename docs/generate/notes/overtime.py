"""Errors of recordings, comparisons, metrics, and of what looks at them live."""

from docs.generate.notes import Note

__all__ = ["NOTES"]

NOTES = {
    "bad-span": Note(
        "The second time of `--between` is not later than the first. A time of day is the last one that has passed, so "
        "at noon 23:00 is yesterday's.",
        "give the earlier one first; write dates where the span goes over midnight.",
    ),
    "bad-time": Note(
        "A time was given in no form that is known.",
        "say `now`, `-10m`, `-1h30m`, `14:05`, `2026-03-01`, `2026-03-01 14:05` (of this host's time zone), or "
        "`2026-03-01T14:05:00Z`.",
    ),
    "address-refused": Note(
        "`lastack serve` cannot listen there: another process does, the address is not this host's, or the port is "
        "below 1024 and you are not root.",
        "choose another with `--listen`; port 0 takes any that is free.",
    ),
    "bad-address": Note(
        "`--listen` takes an address in numbers and a port; a name could lead elsewhere tomorrow.",
        "say `127.0.0.1:9797`, `[::1]:9797` or `0.0.0.0:9797`.",
    ),
    "bad-tls-file": Note(
        "A certificate, a key or an authority is not there, is no PEM file, has a passphrase, or the key is not that "
        "of the certificate.",
        "`openssl x509 -in FILE -noout -text` shows what a certificate is; keys must have no passphrase.",
    ),
    "bad-token": Note(
        "The file of `--token` is to have one line of 16 printable characters or more: a short one can be guessed.",
        "`umask 077; head -c 32 /dev/urandom | base64 > FILE`.",
    ),
    "no-such-user": Note(
        "`lastack serve` gives root up and becomes another user, who does not exist here.",
        "name one with `--user`; `--user root` stays root.",
    ),
    "no-web-server": Note(
        "`lastack serve` needs Python packages that are not installed.",
        "install the extra: `pip install 'lastack[serve]'`.",
    ),
    "open-to-all": Note(
        "`lastack serve` was to listen where others reach it, with no proof of who they are, or without TLS. What it "
        "shows (who talks to whom, which programs run) is not for everybody.",
        "keep it on loopback and use `ssh -L 9797:127.0.0.1:9797 HOST`; or give it `--tls-cert`, `--tls-key`, and "
        "`--token` or `--client-ca`; or say `--insecure` where the network itself is guarded.",
    ),
    "still-root": Note(
        "Root could not be given up: in a user namespace there may be no other user.",
        "where that root is no real one, `--user root` stays.",
    ),
    "store-busy": Note(
        "The page was asked for more history than it can look up at once.",
        "ask again in a moment.",
    ),
    "unreadable-token": Note(
        "The file of `--token` does not exist or may not be read.",
        "check its path and its owner; it is read before root is given up.",
    ),
    "unsafe-token": Note(
        "Users other than its owner can read the token, so it proves nothing.",
        "`chmod 600` it, and write a new one.",
    ),
    "no-textual": Note(
        "`lastack watch` needs a Python package that is not installed.",
        "install the extra: `pip install 'lastack[watch]'`.",
    ),
    "no-prometheus-client": Note(
        "`lastack metrics` writes its text with a Python package that is not installed. Rules and dashboard "
        "do without.",
        "install the extra: `pip install 'lastack[metrics]'`.",
    ),
    "no-such-store": Note(
        "The file that was to be looked into does not exist.",
        "record first, or name the file with `--store`. Root's recordings and everybody else's are in "
        "different places; "
        "`lastack record --help` says where.",
    ),
    "not-a-store": Note(
        "The file is no recording of lastack: no SQLite database, or one of another program. Nothing was "
        "written to it.",
        "name another with `--store`.",
    ),
    "nothing-recorded": Note(
        "The store has no sample of that time, nor of the hour before it: nothing recorded then, or it was "
        "deleted since "
        "for its age or for the size of the file.",
        "`lastack record --list` says from when to when it reaches.",
    ),
    "nothing-to-compare": Note(
        "`lastack compare` was given nothing, or several ways of saying what to compare.",
        "give two snapshots; or one, against this host now; or `--between A B` from the store.",
    ),
    "store-damaged": Note(
        "The file is a store, and something in it is not what lastack wrote: a disk's fault, a copy that was "
        "cut off, an "
        "edit. Samples of other [chains](store.md) can still be read.",
        "move the file away, and record into a new one.",
    ),
    "store-refused": Note(
        "SQLite or the system does not let the file be read or written: no permission, a full disk, another "
        "process that "
        "holds it for longer than ten seconds, a symbolic link. A sample that was to be written is not in; "
        "older ones are.",
        "the message has the reason. `lastack record` goes on trying by itself.",
    ),
    "store-too-new": Note(
        "The store was written by a newer lastack, with another [version](store.md) of the format.",
        "read it with that one.",
    ),
    "unsafe-store": Note(
        "The store is no plain file, or users other than its owner and root can write to it.",
        "`chmod 600` it, `chown` it to the user who records, or name another with `--store`.",
    ),
}
