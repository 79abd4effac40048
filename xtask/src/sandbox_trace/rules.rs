//! The sandbox's lists, as far as a trace is compared with them.

const CALLS: &str = include_str!("../../../crates/sandbox/data/renderer.syscalls");
const FILES: &str = include_str!("../../../crates/sandbox/data/renderer.files");

/// Where `paravane` keeps programs unless it is told otherwise; it lets its processes write there.
const PROGRAMS: &str = "~/.cache/paravane/programs";

pub(super) struct Rules {
    calls: Vec<&'static str>,
    paths: Vec<&'static str>,
}

impl Rules {
    pub(super) fn of_renderers() -> Self {
        let word = |line: &'static str, at: usize| {
            let rule = line.split('#').next()?;
            rule.split_whitespace().nth(at)
        };
        Self {
            calls: CALLS.lines().filter_map(|line| word(line, 0)).collect(),
            paths: FILES
                .lines()
                .filter_map(|line| word(line, 1))
                .chain([PROGRAMS])
                .collect(),
        }
    }

    pub(super) fn has_call(&self, call: &str) -> bool {
        self.calls.contains(&call)
    }

    /// The names on the list.
    pub(super) fn calls(&self) -> impl Iterator<Item = &str> {
        let mut calls = self.calls.clone();
        calls.sort_unstable();
        calls.dedup();
        calls.into_iter()
    }

    /// The path in the rule that lets a file be opened; a rule with a variable may be for any.
    pub(super) fn rule_for(&self, path: &str) -> Option<&str> {
        let fits = |rule: &&&str| match rule.strip_suffix('*') {
            Some(start) => path.starts_with(start),
            None => {
                let below = path.strip_prefix(**rule);
                below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        };
        let home = |rule: &&&str| {
            let rest = rule.strip_prefix('~');
            rest.is_some_and(|rest| path.contains(rest))
        };
        let found = self.paths.iter().find(fits);
        found.or_else(|| self.paths.iter().find(home)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_compared() {
        let rules = Rules::of_renderers();
        assert!(rules.has_call("futex") && !rules.has_call("execve"));
        assert_eq!(rules.rule_for("/usr/lib/x.so"), Some("/usr/lib"));
        assert_eq!(rules.rule_for("/usr/library"), None);
        assert_eq!(rules.rule_for("/dev/nvidia0"), Some("/dev/nvidia*"));
        let cache = rules.rule_for("/root/.cache/mesa_shader_cache/a");
        assert_eq!(cache, Some("~/.cache/mesa_shader_cache"));
    }
}
