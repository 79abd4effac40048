//! Which system calls a role may make: lists as data, compiled to a filter for the kernel.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use crate::names::{self, Call};
use crate::{Error, Role};

const RENDERER: &str = include_str!("../data/renderer.syscalls");
const DEVICE: &str = include_str!("../data/device.syscalls");

/// Puts all threads of this process behind the role's list, those to come included.
pub(crate) fn restrict(role: Role) -> Result<(), Error> {
    let program = compile(role, rustix::process::getpid().as_raw_nonzero().get())?;
    seccompiler::apply_filter_all_threads(&program).map_err(|error| Error::Calls(error.to_string()))
}

/// The lists of a role.
fn lists(role: Role) -> &'static [&'static str] {
    match role {
        Role::Renderer => &[RENDERER],
        Role::Device => &[RENDERER, DEVICE],
    }
}

/// The role's filter for the process with this id.
fn compile(role: Role, pid: i32) -> Result<BpfProgram, Error> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for line in lists(role).iter().flat_map(|list| list.lines()) {
        let Some(rule) = Rule::parse(line, pid)? else {
            continue;
        };
        if let Call::Number(number) = rule.call {
            // No rule at all is any arguments.
            let alternatives = rules.entry(number).or_default();
            alternatives.extend(rule.condition);
        }
    }
    let arch = std::env::consts::ARCH;
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Errno(libc::ENOSYS.unsigned_abs()),
        SeccompAction::Allow,
        arch.try_into()
            .map_err(|_| Error::Calls(format!("no filter for {arch}")))?,
    );
    let program = filter.and_then(BpfProgram::try_from);
    program.map_err(|error| Error::Calls(error.to_string()))
}

/// One line of a list.
struct Rule {
    call: Call,
    /// What its arguments have to be.
    condition: Option<SeccompRule>,
}

impl Rule {
    /// None where a line says nothing.
    fn parse(line: &str, pid: i32) -> Result<Option<Self>, Error> {
        let wrong = || Error::Data(line.to_owned());
        let words = line.split_once('#').map_or(line, |(words, _)| words).trim();
        if words.is_empty() {
            return Ok(None);
        }
        let (name, conditions) = match words.split_once(" if ") {
            Some((name, conditions)) => (name, Some(conditions)),
            None => (words, None),
        };
        let conditions = conditions.map(|conditions| {
            let each = conditions.split(',').map(|text| condition(text, pid));
            SeccompRule::new(each.collect::<Option<_>>()?).ok()
        });
        Ok(Some(Self {
            call: names::call(name.trim()).ok_or_else(wrong)?,
            condition: match conditions {
                None => None,
                Some(rule) => Some(rule.ok_or_else(wrong)?),
            },
        }))
    }
}

/// `argN = V` or `argN & MASK = V`.
fn condition(text: &str, pid: i32) -> Option<SeccompCondition> {
    let (argument, value) = text.split_once('=')?;
    let value = number(value, pid)?;
    let (argument, operator) = match argument.split_once('&') {
        Some((argument, mask)) => (argument, SeccompCmpOp::MaskedEq(number(mask, pid)?)),
        None => (argument, SeccompCmpOp::Eq),
    };
    let index = argument.trim().strip_prefix("arg")?.parse().ok()?;
    // The kernel takes these arguments' lower halves alone; pointers, which are longer, are only
    // compared with 0.
    let length = match value {
        0 if operator == SeccompCmpOp::Eq => SeccompCmpArgLen::Qword,
        _ => SeccompCmpArgLen::Dword,
    };
    SeccompCondition::new(index, length, operator, value).ok()
}

fn number(text: &str, pid: i32) -> Option<u64> {
    match text.trim() {
        "pid" => u64::try_from(pid).ok(),
        text => match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_understood() {
        for role in [Role::Renderer, Role::Device] {
            assert!(compile(role, 7).unwrap().len() > 100, "{role:?}");
        }
    }

    #[test]
    fn every_rule_says_what_for() {
        for line in [RENDERER, DEVICE].iter().flat_map(|list| list.lines()) {
            let (rule, reason) = line.split_once('#').unwrap_or((line, ""));
            assert!(
                rule.trim().is_empty() || !reason.trim().is_empty(),
                "{line}"
            );
        }
    }

    /// What an attacker asks for first.
    #[test]
    fn what_must_not_be_listed_is_not() {
        let listed: Vec<_> = [RENDERER, DEVICE]
            .iter()
            .flat_map(|list| list.lines())
            .filter_map(|line| line.split('#').next()?.split_whitespace().next())
            .collect();
        for call in [
            "execve",
            "execveat",
            "fork",
            "vfork",
            "clone3",
            "ptrace",
            "process_vm_readv",
            "process_vm_writev",
            "socket",
            "connect",
            "bind",
            "bpf",
            "io_uring_setup",
            "keyctl",
            "add_key",
            "mount",
            "unshare",
            "setns",
            "chroot",
            "pivot_root",
            "perf_event_open",
            "userfaultfd",
            "init_module",
            "kexec_load",
            "open_by_handle_at",
            "pidfd_getfd",
            "pidfd_send_signal",
            "chmod",
            "chown",
            "setuid",
            "capset",
            "personality",
            "seccomp",
        ] {
            assert!(!listed.contains(&call), "{call}");
        }
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for line in [
            "no_such_call",
            "read if arg0",
            "read if arg9 = 1",
            "read if fd = 1",
        ] {
            assert!(Rule::parse(line, 7).is_err(), "{line}");
        }
        assert!(Rule::parse("   # nothing", 7).unwrap().is_none());
        let rule = Rule::parse("kill if arg0 = pid, arg1 & 0xf0 = 16 # why", 7).unwrap();
        assert!(rule.unwrap().condition.is_some());
    }
}
