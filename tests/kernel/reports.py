# SPDX-License-Identifier: MIT
"""Reports as kernels of all ages print them, made up at random: text and what a reader must find."""

NAMES = [
    "lk_a", "&dev->mutex", "&mm->mmap_lock", "&mm->mmap_sem", "(&(&base->lock)->rlock)", "(wq_completion)events",
    "(work_completion)(&(&wb->dwork)->work)", '("events_long")', '(wq_completion)"kblockd"',
    "&sb->s_type->i_mutex_key#5", "&p->lock#2/1", "sb_writers#14", "btrfs-tree-01/7", "sk_lock-AF_INET",
    "(complete)&req.done", "cpuhp_state-up", "&q->q_usage_counter(io)#10", "&xt[i].mutex",
    "per_cpu_ptr(&cgroup_rstat_cpu_lock, cpu)", "wiphy_name(local->hw.wiphy)", "arch/x86/kernel/tsc.c:1299",
    "fs_reclaim", "rcu_read_lock", "&type->s_umount_key#29/1", "((&(&x)->work))", "af_callback_keys + sk->sk_family",
    "&journal->j_state_lock", "jbd2_handle", "&(ptr->lock)", "k-slock-AF_INET/1", "console_owner", "&lt->gt",
]
FUNCTIONS = [
    "down_read", "down_write", "mutex_lock_nested", "_raw_spin_lock_irqsave", "foo_bar", "process_one_work",
    "ext4_da_write_begin", "__kernfs_remove.isra.0", "vfs_write", "ksys_write", "do_syscall_64", "kthread",
    "ret_from_fork", "handle_create", "tty_ioctl.cold", "__se_sys_ioctl", "blk_mq_freeze_queue_nomemsave",
    "apply_workqueue_attrs", "x86_64_start_kernel", "lock_sock_nested", "run_timer_softirq",
]
COMMS = ["init", "prime_mmap", "kworker/u16:3", "CPU 0/KVM", "(udev-worker)", "runc:[1:CHILD]", "mmap_writer main",
         "amdgpu_cs:0", "syz-executor.0", "swapper/0", "a b c"]
MODULES = ["i915", "btrfs", "snd_cs46xx", "nf_tables"]


class Style:
    """What distinguishes the reports of one age."""

    def __init__(self, name, bracket, version, mask, address, instance, wait, scenario, cpu, symbols=False):
        self.name, self.bracket, self.version, self.mask = name, bracket, version, mask
        self.address, self.instance, self.wait = address, instance, wait
        self.scenario, self.cpu, self.symbols = scenario, cpu, symbols


STYLES = [
    #     name        bracket version                       mask     address  instance wait  scenario cpu line
    Style("2.6.18", True, None, "{--..}", "all8", None, None, False, None),
    Style("2.6.24", True, "2.6.24-rc3 #1", "{-+..}", "all8", None, None, False, None),
    Style("2.6.33", True, "2.6.33 #12", "{+.+.+.}", "all16", None, None, False, "Pid"),
    Style("3.4", True, "3.4.0-rc2+ #7 Not tainted", "{+.?...}", "all16", None, None, True, "Pid"),
    Style("4.4", True, "4.4.0-rc1 #2 Tainted: G     U  W", "{++++.-}", "all16", None, None, True, "CPU"),
    Style("4.14", False, "4.14.0-rc1-CI+ #1 Tainted: G     U", "{+.+.}", "at", None, None, True, "CPU"),
    Style("4.19", False, "4.19.0-rc5 #3 Not tainted", "{++++}", None, "hash", None, True, "CPU"),
    Style("4.18p", False, "4.18.0-305.el8.x86_64+debug #1 Not tainted", "{.+.+}", None, "ptrval", None, True, "CPU"),
    Style("arm", False, "5.1.0-rc1 #9 Tainted: G        W        ", "{-.-.}", None, "short", None, True, "CPU"),
    Style("5.10", False, "5.10.0-00479-g1c1358a0a606 #87 Tainted: G                T", "{+.-.}", None, "full", "{3:3}", True, "CPU"),
    Style("6.12", False, "6.12.0-rc6+ #22 Not tainted", "{+.+.}", None, "full", "{4:4}", True, "UID"),
    Style("syz", False, "syzkaller #0 Not tainted", "{.+.?}", None, "full", "{0:0}", True, "UID", True),
]


class Report:
    """The lines, and what is in them."""

    def __init__(self, kind, style):
        self.kind, self.style, self.lines = kind, style, []
        self.facts = {"kind": kind, "acquiring": None, "holding": None, "chain": [], "held": None, "complete": True}
        self.header = 0

    def text(self):
        return "\n".join(self.lines) + "\n"


class Maker:
    def __init__(self, rng, style):
        self.rng, self.style = rng, style

    def offset(self):
        size = self.rng.randrange(16, 0x2000)
        return "+0x%x/0x%x" % (self.rng.randrange(1, size), size)

    def addressed(self, digits=None):
        if (digits or self.style.address).endswith("8"):
            return "[<c0%06x>] " % self.rng.randrange(1 << 24)
        return "[<ffffffff8%07x>] " % self.rng.randrange(1 << 28)

    def function(self, address):
        text = self.rng.choice(FUNCTIONS) + self.offset()
        if self.rng.random() < 0.15:
            text += " [%s]" % self.rng.choice(MODULES)
        elif self.style.symbols:
            text += " fs/some_file.c:%d" % self.rng.randrange(1, 5000)
        return (self.addressed() if address else "") + text

    def inline(self):
        return "%s include/linux/fs.h:%d [inline]" % (self.rng.choice(FUNCTIONS), self.rng.randrange(1, 999))

    def stack(self, indent, least=2, backtrace=False):
        lines = []
        for _ in range(self.rng.randrange(least, 9)):
            if self.style.symbols and self.rng.random() < 0.3:
                lines.append(" " * indent + self.inline())
                continue
            address = (self.style.address or "").startswith("all")
            guess = "? " if backtrace and self.rng.random() < 0.3 else ""
            text = self.function(False)
            lines.append(" " * indent + (self.addressed() if address else "") + guess + text)
        return lines

    def instance(self):
        kind = self.style.instance
        return {None: "", "hash": "00000000%08x" % self.rng.randrange(1 << 32), "ptrval": "(____ptrval____)",
                "short": "c%07x" % self.rng.randrange(1 << 28),
                "full": "ffff8881%08x" % self.rng.randrange(1 << 32)}[kind]

    def klass(self, name):
        return "(%s)%s%s" % (name, self.style.mask, "-" + self.style.wait if self.style.wait else "")

    def lock(self, name, head=""):
        """A lock's lines; symbolised kernels say inlined places first."""
        instance = self.instance()
        start = "%s%s %s, at: " % (head, instance, self.klass(name))
        place = self.function(self.style.address is not None)
        lines = [start + place]
        if self.style.symbols and self.rng.random() < 0.5:
            lines.insert(0, start + self.inline())
        return lines

    def version(self):
        return [self.style.version] if self.style.version else []

    def header(self, report, title, bracket=None):
        bracket = self.style.bracket if bracket is None else bracket
        text = "[ %s: %s ]" % ("INFO" if self.style.bracket else "BUG", title) if bracket else "WARNING: " + title
        report.lines += ["", "=" * len(text)]
        report.header = len(report.lines)
        report.lines += [text] + self.version() + ["-" * len(text)]

    def task(self, report):
        comm, pid = self.rng.choice(COMMS), self.rng.randrange(0, 70000)
        report.facts["task"] = {"comm": comm, "pid": pid}
        return "%s/%d" % (comm, pid)

    def held(self, report, who, names):
        report.facts["held"] = names
        n = len(names)
        lines = ["%d lock%s held by %s:" % (n, "s" if n > 1 else "", who)] if n else ["no locks held by %s." % who]
        for i, name in enumerate(names):
            lines += self.lock(name, " #%d: " % i)
        return lines

    def backtrace(self, report, title="stack backtrace:"):
        task, version = report.facts["task"], (self.style.version or "").split(" ")
        release = " ".join(version[:2])
        taint = " ".join(version[2:]) or "Not tainted"
        lines = ["", title] if title else []
        if self.style.cpu == "Pid":
            lines.append("Pid: %d, comm: %s %s %s" % (task["pid"], task["comm"], taint, release))
        elif self.style.cpu:
            lines.append("CPU: 1 %sPID: %d Comm: %s %s %s" % (
                "UID: 0 " if self.style.cpu == "UID" else "", task["pid"], task["comm"], taint, release))
            lines.append("Hardware name: QEMU Standard PC (i440FX + PIIX, 1996), BIOS 1.16.2 04/01/2014")
        lines.append("Call Trace:")
        if self.style.cpu == "UID":
            lines.append(" <TASK>")
        lines += self.stack(1, 3, True)
        if self.style.cpu == "UID":
            lines += [" </TASK>"]
        return lines

    def names(self, n):
        return self.rng.sample(NAMES, n)

    def table(self, names, interrupt=False):
        if not self.style.scenario:
            return []
        lines = [" Possible unsafe locking scenario:", "", "       CPU0                    CPU1",
                 "       ----                    ----"]
        if interrupt:
            lines[0] = " Possible interrupt unsafe locking scenario:"
        lines.append("  lock(%s);" % names[-1])
        if interrupt:
            lines.append(" " * 31 + "local_irq_disable();")
        # of a longer chain the table has the class before the held one, not the one asked for
        other = names[0] if interrupt else names[-2]
        lines += [" " * 31 + "lock(%s);" % other, " " * 31 + "lock(%s);" % names[-1]]
        if interrupt:
            lines.append("  <Interrupt>")
        lines += ["    lock(%s);" % names[0] if interrupt else "  lock(%s);" % names[0], "", " *** DEADLOCK ***", ""]
        return lines


def circular(make):
    report = Report("circular", make.style)
    n = make.rng.randrange(2, 8)
    chain = make.names(n)
    who = make.task(report)
    make.header(report, "possible circular locking dependency detected")
    lines = [who + " is trying to acquire lock:"] + make.lock(chain[0])
    lines += ["", "but task is already holding lock:"] + make.lock(chain[-1])
    lines += ["", "which lock already depends on the new lock.", "", "",
              "the existing dependency chain (in reverse order) is:"]
    for i in reversed(range(n)):
        lines += ["", "-> #%d %s:" % (i, make.klass(chain[i]))] + make.stack(7)
    lines += ["", "other info that might help us debug this:", ""]
    if n > 2 and make.style.scenario:
        lines += ["Chain exists of:", "  %s --> %s --> %s" % (chain[0], chain[-2], chain[-1]), ""]
    lines += make.table(chain)
    held = [chain[-1]] + make.names(make.rng.randrange(0, 3))
    lines += make.held(report, who, held) + make.backtrace(report)
    report.lines += lines
    report.facts.update(acquiring=chain[0], holding=chain[-1], chain=chain)
    return report


def recursive(make):
    report = Report("recursive", make.style)
    name = make.names(1)[0]
    who = make.task(report)
    make.header(report, "possible recursive locking detected")
    lines = [who + " is trying to acquire lock:"] + make.lock(name)
    lines += ["", "but task is already holding lock:"] + make.lock(name)
    lines += ["", "other info that might help us debug this:"]
    if make.style.scenario:
        lines += [" Possible unsafe locking scenario:", "", "       CPU0", "       ----", "  lock(%s);" % name,
                  "  lock(%s);" % name, "", " *** DEADLOCK ***", "", " May be due to missing lock nesting notation", ""]
    lines += make.held(report, who, [name]) + make.backtrace(report)
    report.lines += lines
    report.facts.update(acquiring=name, holding=name)
    return report


CONTEXT = " [HC0[0]:SC1[1]:HE0:SE0]"


def words(make):
    """The names of an interrupt's state in headers, of usages and of the pair."""
    if make.style.bracket and make.style.name.startswith("2.6.1"):
        return "hard", "hard-irq", "in-hardirq-W", "hardirq-on-W"
    return "HARDIRQ", "HARDIRQ-irq", "IN-HARDIRQ-W", "HARDIRQ-ON-W"


def tree(make, title, names):
    lines = ["", title]
    for depth, name in reversed(list(enumerate(names))):
        pad = " " * depth
        lines += [pad + "-> " + make.klass(name) + " ops: %d {" % make.rng.randrange(1, 9999)]
        lines += [pad + "   HARDIRQ-ON-W at:"] + make.stack(depth + 20) + [pad + "   INITIAL USE at:"]
        lines += make.stack(depth + 19) + [pad + " }"]
        lines += [pad + " ... key      at: %ssome_key+0x0/0x20" % make.addressed("all16")]
        lines += [pad + " ... acquired at:"] + make.stack(depth + 3) + [""]
    return lines


def safe_unsafe(make):
    report = Report("safe-unsafe", make.style)
    asked, held, safe = make.names(3)
    short, state, _, _ = words(make)
    who = make.task(report)
    make.header(report, "%s-safe -> %s-unsafe lock order detected" % (short, short))
    lines = [who + CONTEXT + " is trying to acquire:"] + make.lock(asked)
    lines += ["", "and this task is already holding:"] + make.lock(held)
    lines += ["which would create a new lock dependency:", " %s -> %s" % (make.klass(held), make.klass(asked)), "",
              "but this new dependency connects a %s-safe lock:" % state, " " + make.klass(safe), "",
              "... which became %s-safe at:" % state] + make.stack(2)
    lines += ["", "to a %s-unsafe lock:" % state, " " + make.klass(asked), "",
              "... which became %s-unsafe at:" % state, "..."] + make.stack(2)
    lines += ["", "other info that might help us debug this:", ""] + make.table([held, asked], True)
    lines += make.held(report, who, [held])
    lines += tree(make, "the dependencies between %s-safe lock and the holding lock:" % state, [safe, held])
    lines += tree(make, "the dependencies between the lock to be acquired\n and %s-unsafe lock:" % state, [asked])
    report.lines += "\n".join(lines + make.backtrace(report)).split("\n")
    report.facts.update(acquiring=asked, holding=held)
    return report


def inversion(make):
    report = Report("inversion", make.style)
    changed, other = make.names(2)
    who = make.task(report)
    make.header(report, "possible irq lock inversion dependency detected")
    lines = [who + " just changed the state of lock:"] + make.lock(changed)
    lines += ["but this lock took another, HARDIRQ-unsafe lock in the past:", " " + make.klass(other), "", "",
              "and interrupts could create inverse lock ordering between them.", "", "",
              "other info that might help us debug this:"] + make.table([changed, other], True)
    lines += make.held(report, who, []) + tree(make, "the shortest dependencies between 2nd lock and 1st lock:",
                                               [changed, other])
    report.lines += lines + make.backtrace(report)
    return report


def inconsistent(make):
    report = Report("inconsistent", make.style)
    name = make.names(1)[0]
    _, _, was, now = words(make)
    who = make.task(report)
    make.header(report, "inconsistent lock state")
    lines = ["inconsistent {%s} -> {%s} usage." % (was, now), who + CONTEXT + " takes:"] + make.lock(name)
    lines += ["{%s} state was registered at:" % was] + make.stack(2)
    lines += ["irq event stamp: 129", "hardirqs last  enabled at (129): [<ffffffff81322a7e>] f+0x4e/0x70",
              "softirqs last disabled at (0): [<0000000000000000>] 0x0", "",
              "other info that might help us debug this:"]
    report.lines += lines + make.held(report, who, make.names(2)) + make.backtrace(report)
    report.facts.update(acquiring=name)
    report.usage = {"was": was, "now": now}
    return report


def bad_unlock(make):
    report = Report("bad-unlock", make.style)
    name = make.names(1)[0]
    who = make.task(report)
    make.header(report, "bad unlock balance detected!", bracket=make.style.bracket)
    place = make.addressed(make.style.address or "all16") + make.rng.choice(FUNCTIONS) + make.offset()
    report.lines += [who + " is trying to release lock (%s) at:" % name, place,
                     "but there are no more locks to release!", "", "other info that might help us debug this:"]
    report.lines += make.held(report, who, make.names(1)) + make.backtrace(report)
    report.facts.update(acquiring=name)
    return report


def held_freed(make):
    report = Report("held-freed", make.style)
    who = make.task(report)
    names = make.names(2)
    make.header(report, "held lock freed!", bracket=make.style.bracket)
    report.lines += [who + " is freeing memory ff110000-ff11ffff, with a lock still held there!"] + make.lock(names[1])
    report.lines += make.held(report, who, names) + make.backtrace(report)
    return report


def exit_held(make):
    report = Report("exit-held", make.style)
    who = make.task(report)
    make.header(report, "%s still has locks held!" % who, bracket=make.style.bracket)
    report.lines += make.held(report, who, make.names(1)) + make.backtrace(report)
    return report


def user_return(make):
    report = Report("user-return", make.style)
    who = make.task(report)
    make.header(report, "lock held when returning to user space!", bracket=make.style.bracket)
    report.lines += [who + " is leaving the kernel with locks still held!"] + make.held(report, who, make.names(2))
    return report


def wait_context(make):
    report = Report("wait-context", make.style)
    name = make.names(1)[0]
    who = make.task(report)
    make.header(report, "Invalid wait context", bracket=True)
    report.lines += [who + " is trying to lock:"] + make.lock(name)
    report.lines += ["other info that might help us debug this:", "context-{5:5}"]
    report.lines += make.held(report, who, make.names(2)) + make.backtrace(report)
    report.facts.update(acquiring=name)
    return report


def rcu(make):
    report = Report("rcu", make.style)
    who = make.task(report)
    make.header(report, "suspicious RCU usage" + ("." if make.style.bracket else ""))
    report.lines += ["net/core/dev.c:%d suspicious rcu_dereference_check() usage!" % make.rng.randrange(9999), "",
                     "other info that might help us debug this:", "", "", "rcu_scheduler_active = 2, debug_locks = 1"]
    report.lines += make.held(report, who, make.names(2)) + make.backtrace(report)
    return report


def table_full(make):
    report = Report("table-full", make.style)
    make.task(report)
    report.header = len(report.lines)
    report.lines += ["BUG: MAX_LOCKDEP_CHAINS too low!", "turning off the locking correctness validator."]
    report.lines += make.backtrace(report, None)
    if not make.style.cpu:
        report.facts["task"] = None
    return report


def non_static_key(make):
    report = Report("non-static-key", make.style)
    make.task(report)
    report.lines += ["INFO: trying to register non-static key.", "the code is fine but needs lockdep annotation.",
                     "turning off the locking correctness validator."] + make.backtrace(report, None)
    if not make.style.cpu:
        report.facts["task"] = None
    return report


def nested_not_taken(make):
    report = Report("nested-not-taken", make.style)
    name, nest = make.names(2)
    who = make.task(report)
    make.header(report, "Nested lock was not taken", bracket=make.style.bracket)
    report.lines += [who + " is trying to lock:"] + make.lock(name) + ["", "but this task is not holding:", nest]
    report.lines += ["", "other info that might help us debug this:"] + make.held(report, who, make.names(1))
    report.lines += make.backtrace(report)
    report.facts.update(acquiring=name)
    return report


KINDS = [circular, recursive, safe_unsafe, inversion, inconsistent, bad_unlock, held_freed, exit_held, user_return,
         wait_context, rcu, table_full, non_static_key, nested_not_taken]


def make(rng, kind=None, style=None):
    return (kind or rng.choice(KINDS))(Maker(rng, style or rng.choice(STYLES)))
