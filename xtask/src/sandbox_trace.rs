//! What a client's process asks of the kernel, and which files it opens, found out by strace: what
//! the sandbox's lists are made from and checked against.

mod rules;
mod trace;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use crate::clients::stage::{Road, Stage};
use crate::command;
use crate::error::{Error, Result};
use crate::lab::{self, Plan, Room, Suite};
use crate::packages::{self, Need};
use crate::workspace::{Profile, Workspace};

use rules::Rules;
use trace::{Seen, Trace};

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask sandbox-trace\n  \
    cargo xtask sandbox-trace --suite sid\n  \
    cargo xtask sandbox-trace --read FILE            a trace that was made elsewhere\n\n\
    Elsewhere, with another driver: strace -f -s 200 -o FILE paravane run --sandbox none -- PROGRAM")]
pub(crate) struct Options {
    /// The Debian suite whose drivers are traced.
    #[arg(long, value_enum, default_value_t = Suite::Trixie)]
    suite: Suite,
    /// Only reads this trace.
    #[arg(long, value_name = "FILE")]
    read: Option<PathBuf>,
    /// A `paravane` to trace, instead of building it.
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
}

const STRACE: &[Need] = &[Need::Program("strace", "strace")];

/// Tracing makes all of it many times slower.
const LIMIT: Duration = Duration::from_secs(500);

/// What is traced: the client, how it gets to Paravane, and the driver that is behind.
const RUNS: [(&str, Road, &str); 2] = [
    ("vulkan-client", Road::Paravane, "lavapipe"),
    ("gl-client", Road::Virgl, "llvmpipe"),
];

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let traces = match &options.read {
        Some(file) => vec![("trace", Trace::read(file)?)],
        None => traces(options)?,
    };
    let rules = Rules::of_renderers();
    println!("role: renderer");
    print_calls(&traces, &rules);
    print_paths(&traces, &rules);
    Ok(ExitCode::SUCCESS)
}

fn traces(options: &Options) -> Result<Vec<(&'static str, Trace)>> {
    packages::ensure(STRACE)?;
    let workspace = Workspace::load()?;
    let program = match &options.program {
        Some(program) => program.clone(),
        None => workspace.build("paravane", "paravane", Profile::Dev)?,
    };
    let root = lab::make(&workspace, &Plan::of(options.suite))?;
    let stage = Stage::set(&workspace, Room::of_root(&workspace, root)?, &program)?;
    let folder = workspace.target().join("sandbox-trace");
    std::fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    let trace = |(client, road, driver): (&str, Road, &'static str)| {
        let program = workspace.build(client, client, Profile::Dev)?;
        let program = stage.bring(&program, client)?;
        let file = folder.join(format!("{}-{driver}", options.suite.name()));
        // Everything is let through, so that everything is seen.
        let words = [&program, "render"];
        let ran = stage.command_with(road, &["--sandbox", "none"], &words, LIMIT);
        command::run(&mut traced(&ran, &file))?;
        Ok((driver, Trace::read(&file)?))
    };
    RUNS.into_iter().map(trace).collect()
}

/// The same command under strace.
fn traced(ran: &Command, into: &Path) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-s", "200", "-o"]).arg(into);
    command
        .arg("--")
        .arg(ran.get_program())
        .args(ran.get_args());
    for (name, value) in ran.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// What each call was seen from: while drivers load, or later, when the filter is there.
fn print_calls(traces: &[(&str, Trace)], rules: &Rules) {
    println!("\nsystem calls after drivers are loaded, and who made them:");
    let later = merged(traces, |trace| &trace.later);
    for (call, drivers) in &later {
        let listed = if rules.has_call(call) {
            ""
        } else {
            "   NOT LISTED"
        };
        println!("  {call:24} {}{listed}", words(drivers));
    }
    println!("\nonly while drivers load:");
    let loading = merged(traces, |trace| &trace.loading);
    for (call, drivers) in loading
        .iter()
        .filter(|(call, _)| !later.contains_key(*call))
    {
        println!("  {call:24} {}", words(drivers));
    }
    let unseen: Vec<_> = rules
        .calls()
        .filter(|call| !later.contains_key(*call))
        .collect();
    println!("\nlisted and not seen here:\n  {}", unseen.join(" "));
}

fn print_paths(traces: &[(&str, Trace)], rules: &Rules) {
    println!("\nfiles that were opened, by the rule that lets them:");
    let mut by_rule: BTreeMap<&str, (BTreeSet<&str>, usize)> = BTreeMap::new();
    let mut others: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (path, drivers) in &merged(traces, |trace| &trace.opened) {
        match rules.rule_for(path) {
            Some(rule) => {
                let (seen, count) = by_rule.entry(rule).or_default();
                seen.extend(drivers);
                *count += 1;
            }
            None => others.entry(path).or_default().extend(drivers),
        }
    }
    for (rule, (drivers, count)) in by_rule {
        println!("  {rule:40} {count:5} files  {}", words(&drivers));
    }
    println!("\nopened, and no rule lets them:");
    for (path, drivers) in others {
        println!("  {path:40} {}", words(&drivers));
    }
}

/// What was seen in all traces, and by which drivers.
fn merged<'a>(
    traces: &'a [(&'a str, Trace)],
    part: impl Fn(&'a Trace) -> &'a Seen,
) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (driver, trace) in traces {
        for what in part(trace) {
            all.entry(what).or_default().insert(driver);
        }
    }
    all
}

fn words(drivers: &BTreeSet<&str>) -> String {
    drivers.iter().copied().collect::<Vec<_>>().join(", ")
}
