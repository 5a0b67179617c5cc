# SPDX-License-Identifier: MIT
"""What logs, mailers and people do to a report. Each takes lines and the index of the header among them, and gives
lines and the index that the header has then."""
import base64
import html
import json
import quopri
import textwrap


def stamp(rng):
    return "[%5d.%06d] " % (rng.randrange(0, 99999), rng.randrange(1000000))


def each(prefix):
    def decorate(rng, lines, header):
        return [prefix(rng) + line for line in lines], header
    return decorate


stamped = each(stamp)
syslog = each(lambda rng: "Nov 13 08:58:%02d fedora kernel: " % rng.randrange(60))
syslog_iso = each(lambda rng: "2016-03-26T20:52:22.%06d+00:00 mira108 kernel: " % rng.randrange(1000000))
journal = each(lambda rng: "Dec 14 06:35:48.%06d kernel: " % rng.randrange(1000000))
level = each(lambda rng: "<4>" + stamp(rng))
dmesg_x = each(lambda rng: "kern  :warn  : " + stamp(rng))
ctime = each(lambda rng: "[Mon Nov 13 08:%02d:21 2023] " % rng.randrange(60))
kmsg = each(lambda rng: "4,%d,%d,-;" % (rng.randrange(1, 9999), rng.randrange(1, 1 << 30)))
indented = each(lambda rng: "    ")
tabbed = each(lambda rng: "\t")
added = each(lambda rng: "+")
quoted = each(lambda rng: "> ")
quoted_close = each(lambda rng: ">")
initials = each(lambda rng: "PZ> ")
pipes = each(lambda rng: "| ")
own_prefix = each(lambda rng: "node-7 console(ttyS%d)# " % rng.randrange(10))


def tagged(rng, lines, header):
    tag = rng.choice(["[   T%d] " % rng.randrange(1, 9999), "[   C%d] " % rng.randrange(8)])
    return [stamp(rng).rstrip() + tag + line for line in lines], header


def first_line_only(rng, lines, header):
    """printk stamps a message of several lines once; the others have blanks."""
    out = []
    for i, line in enumerate(lines):
        if i != header and rng.random() < 0.3 and out and line and not lines[i - 1]:
            out.append(" " * 15 + line)
        else:
            out.append(stamp(rng) + line)
    return out, header


def quoted_deep(rng, lines, header):
    return ["> " * rng.randrange(2, 5) + ">" * rng.randrange(2) + line for line in lines], header


def among_messages(rng, lines, header):
    """Other messages in between, without anything that tells who printed them."""
    out, at = [], header
    for i, line in enumerate(lines):
        if i > header and rng.random() < 0.08:
            out.append(rng.choice(["EXT4-fs (sda4): mounted filesystem with ordered data mode.", "random: crng init done",
                                   "usb 1-1: new high-speed USB device number 5 using xhci_hcd",
                                   "eth0: NIC Link is Up 1000 Mbps"]))
        if i == header:
            at = len(out)
        out.append(line)
    return out, at


def crlf(rng, lines, header):
    return [line + "\r" for line in lines], header


def trailing(rng, lines, header):
    return [line + " " * rng.randrange(3) for line in lines], header


def ansi(rng, lines, header):
    return ["\033[33m" + line + "\033[0m\033[K" for line in lines], header


def entities(rng, lines, header):
    return ["<pre>"] + [html.escape(line, quote=False) for line in lines] + ["</pre>"], header + 1


def wrapped(width):
    """As mailers do it: at the last blank before the width, never inside of a word."""
    def decorate(rng, lines, header):
        out, at = [], header
        for i, line in enumerate(lines):
            if i == header:
                at = len(out)
            indent = len(line) - len(line.lstrip(" "))
            if len(line) <= width or indent > width // 2:
                out.append(line)
                continue
            parts = textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False,
                                  drop_whitespace=True, initial_indent=line[:indent]) or [line]
            out += parts
        return out, at
    return decorate


def octal(rng, lines, header):
    """rsyslog keeps a message's line ends as #012."""
    out, at = [], header
    for i, line in enumerate(lines):
        if out and line and not out[-1].strip() and i != header and i != header + 1:
            out[-1] = out[-1] + "#012" + line
        else:
            if i == header:
                at = len(out)
            out.append(line)
    return out, at


def cont(rng, lines, header):
    """printk's continuation lines, torn: the class of a chain's entry on a line of its own."""
    out, at = [], header
    for i, line in enumerate(lines):
        if i == header:
            at = len(out)
        cut = line.find("(") + 1 if line.startswith("-> #") or line.startswith(" #") else 0
        end = line.rfind("){")
        if cut and end > cut and rng.random() < 0.5 and "ptrval" not in line:
            out += [line[:cut], line[cut:end], line[end:]]
        else:
            out.append(line)
    return out, at


COMMENTS = ["I think this one is mine, will have a look.", "", "Hm, so who takes that in the first place?",
            "Peter, any idea?", "", "The lock here comes from the commit below; before, it was fine."]


def commented(rng, lines, header):
    """Remarks between paragraphs; the rest quoted."""
    out, at = [], header
    for i, line in enumerate(lines):
        if i == header:
            at = len(out)
        if not line and rng.random() < 0.3 and i > header + 6:
            out += [""] + rng.sample(COMMENTS, rng.randrange(1, 4)) + [""]
        out.append("> " + line)
    return out, at


def interleaved(rng, lines, header):
    """Another CPU prints a trace of its own meanwhile; caller tags tell them apart."""
    out, at = [], header
    other = ["Call Trace:", " dump_stack+0x10/0x20", "1 lock held by other/3:",
             " #0:  (&foreign->lock){+.+.}, at: alien+0x1/0x2", "-> #1 (&foreign->lock){+.+.}:", "usb 1-1: reset"]
    for i, line in enumerate(lines):
        while rng.random() < 0.4:
            out.append(stamp(rng).rstrip() + "[ T4711] " + rng.choice(other))
        if i == header:
            at = len(out)
        out.append(stamp(rng).rstrip() + "[  T100] " + line)
    return out, at


def mail(encoding, body):
    return ["From: a@example.org", "Subject: WARNING: possible circular locking dependency detected", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: " + encoding, ""] + body


def quoted_printable(rng, lines, header):
    body, at = [], 0
    for i, line in enumerate(lines):
        if i == header:
            at = len(body)
        body += quopri.encodestring(line.encode() + b"\n").decode().rstrip("\n").split("\n")
    return mail("quoted-printable", body), at + 6


def quoted_printable_bare(rng, lines, header):
    """The same without the mail's header."""
    out, at = quoted_printable(rng, lines, header)
    return out[6:], at - 6


def base64_mail(rng, lines, header):
    text = "\n".join(lines) + "\n"
    return mail("base64", base64.encodebytes(text.encode()).decode().split("\n")), None


def multipart(rng, lines, header):
    inner, _ = base64_mail(rng, lines, header)
    out = ["Content-Type: multipart/mixed; boundary=\"001a113ec1e05e8a\"", "", "--001a113ec1e05e8a",
           "Content-Type: text/plain", "Content-Transfer-Encoding: quoted-printable", "", "Look at the log =3D below.",
           "--001a113ec1e05e8a"]
    return out + inner[3:] + ["--001a113ec1e05e8a--"], None


def json_string(rng, lines, header):
    return ['{"id": 7, "log": ' + json.dumps("\n".join(lines)) + "}"], 0


def inside(rng, lines, header):
    """In the middle of a console's log."""
    before = ["usb 1-1: new high-speed USB device number %d" % i for i in range(rng.randrange(1, 30))]
    after = ["eth0: link is up at %d Mbps" % i for i in range(rng.randrange(300))]
    return before + lines + after, header + len(before)


# What else stands before lines: by loggers, test labs, terminals, people.
PREFIXES = {name: each(prefix) for name, prefix in {
    "since_last": lambda rng: "kern  :warn  : [  +0.%06d] " % rng.randrange(10**6),
    "logread": lambda rng: "Sat Apr 22 18:53:%02d 2023 kern.warn kernel: " % rng.randrange(60) + stamp(rng),
    "monotonic": lambda rng: "[ 1234.%06d] myhost kernel: " % rng.randrange(10**6),
    "without_kernel": lambda rng: "Jan  1 00:00:%02d myhost " % rng.randrange(60) + stamp(rng),
    "compose": lambda rng: "guest_1  | " + stamp(rng),
    "android": lambda rng: "<3>" + stamp(rng) + "c0   %4d " % rng.randrange(1000, 9999),
    "numbered": lambda rng: "%4d   │ 4,%d,%d,-; " % (rng.randrange(1000, 9999), rng.randrange(999), rng.randrange(10**9)),
    "gitlab": lambda rng: "2024-05-01T12:00:%02d.123456Z 01O " % rng.randrange(60) + stamp(rng),
    "lava": lambda rng: "2024-05-01T12:00:%02d.123456 <4>" % rng.randrange(60) + stamp(rng),
    "time": lambda rng: "12:00:%02d.123 " % rng.randrange(60) + stamp(rng),
    "epoch": lambda rng: "1700000000.%06d: " % rng.randrange(10**6),
    "caller": lambda rng: stamp(rng) + "[   T4711] ",
    "with_pid": lambda rng: "May  1 12:00:%02d host kernel[123]: " % rng.randrange(60),
    "vendor": lambda rng: stamp(rng).rstrip() + " -(0)[123:comm]",
    "commented_out": lambda rng: "# " + stamp(rng),
    "removed": lambda rng: "-" + stamp(rng),
    "listed": lambda rng: " * " + stamp(rng),
    "date": lambda rng: "[2024-05-01 12:00:%02d.123456] " % rng.randrange(60),
    "milliseconds": lambda rng: "[   12.%03d ms] " % rng.randrange(1000),
}.items()}

# Those that can be put around each other in any order, and those that only stand alone or outermost.
INNER = {f.__name__: f for f in (first_line_only, tagged, trailing, cont, among_messages)}
INNER.update(stamped=stamped, plain=lambda rng, lines, header: (lines, header))
MIDDLE = {"syslog": syslog, "syslog_iso": syslog_iso, "journal": journal, "level": level, "dmesg_x": dmesg_x,
          "ctime": ctime, "kmsg": kmsg, "ansi": ansi, "octal": octal, "own_prefix": own_prefix,
          "inside": inside}
OUTER = {"indented": indented, "tabbed": tabbed, "added": added, "quoted": quoted, "quoted_close": quoted_close,
         "initials": initials, "pipes": pipes, "quoted_deep": quoted_deep, "crlf": crlf, "entities": entities,
         "commented": commented, "quoted_printable": quoted_printable,
         "quoted_printable_bare": quoted_printable_bare, "base64": base64_mail, "multipart": multipart,
         "json_string": json_string, "interleaved": interleaved}
WRAPS = {"wrapped72": wrapped(72), "wrapped76": wrapped(76)}
ALL = {**INNER, **MIDDLE, **OUTER, **WRAPS, **PREFIXES}
