//! How processes that render are confined.

use std::os::fd::RawFd;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use worker::sandbox::{self, Demand, Policy, Role};

/// What a process that renders may do and take.
#[derive(Clone, Debug, Args)]
pub(crate) struct ConfinementArgs {
    /// Confine the processes that render, so that a guest that takes one over reaches no other
    /// file, process, network or program: as far as this host can (`auto`), or else not start
    /// (`require`), or not at all.
    #[arg(long, value_name = "HOW", default_value = "auto")]
    sandbox: Sandbox,
    /// How much memory such a process may take, in MiB, besides what it shares; it ends where
    /// that is not enough.
    #[arg(long, value_name = "MIB")]
    memory_limit: Option<u64>,
    /// Give each such process a control group of its own in this one (version 2), with the memory
    /// limit, if there is one, for all that it takes.
    #[arg(long, value_name = "FOLDER")]
    control_group: Option<PathBuf>,
}

/// Whether there is a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sandbox {
    Auto,
    Require,
    None,
}

impl ConfinementArgs {
    /// For a process of this role, which keeps programs in `cache`.
    pub(crate) fn policy(&self, role: Role, cache: Option<PathBuf>) -> Policy {
        let policy = Policy::new(role)
            .memory(self.memory_limit())
            .group(self.control_group.clone());
        match cache {
            Some(folder) => policy.write(folder),
            None => policy,
        }
    }

    pub(crate) fn demand(&self) -> Demand {
        match self.sandbox {
            Sandbox::Auto => Demand::Auto,
            Sandbox::Require => Demand::Require,
            Sandbox::None => Demand::None,
        }
    }

    /// Closes what whoever started this process left open, but for `kept`.
    pub(crate) fn close_inherited(&self, kept: &[RawFd]) -> Result<(), sandbox::Error> {
        match (sandbox::close_inherited(kept), self.demand()) {
            (Err(error), Demand::Require) => Err(error),
            (Err(error), _) => {
                tracing::debug!("{error}");
                Ok(())
            }
            (Ok(()), _) => Ok(()),
        }
    }

    /// In bytes.
    pub(crate) fn memory_limit(&self) -> Option<u64> {
        self.memory_limit.map(|mib| mib.saturating_mul(1 << 20))
    }

    /// Where processes have their control groups.
    pub(crate) fn control_group(&self) -> Option<PathBuf> {
        self.control_group.clone()
    }
}
