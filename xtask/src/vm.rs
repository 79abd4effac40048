//! The VM lab: boots guests on QEMU, runs the tests of `tests/vm` in them on one graphics card
//! after the other, and compares what the cards show.

mod card;
mod console;
mod page;
mod pictures;
mod process;
mod qemu;
mod qmp;
mod report;
mod script;
mod session;
mod site;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::clients::Outcome;
use crate::error::{Error, Result};
use crate::guest_image::{self, Generation, Guest, Plan};
use crate::workspace::Workspace;

use card::Card;
use report::{Report, Row};
use script::Script;
use session::{Figures, Setup};
use site::{Choice, Site};

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  \
    cargo xtask vm-test --list\n  \
    cargo xtask vm-test\n  \
    cargo xtask vm-test --suite sid --gpu paravane bars\n  \
    cargo xtask vm-test --suite bookworm --qemu host --short\n\n\
    Pictures and logs are in target/vm/results.")]
pub(crate) struct Options {
    /// The guest's Debian suite.
    #[arg(long, value_enum, default_value_t = Generation::Trixie)]
    suite: Generation,
    /// Whose QEMU.
    #[arg(long, value_enum, default_value_t = Choice::Lab)]
    qemu: Choice,
    /// These graphics cards alone, and QEMU's own where pictures are compared with it.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "CARD")]
    gpu: Vec<Card>,
    /// A `paravane` to test, instead of building it.
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// How many times as long as on a quiet machine everything may take.
    #[arg(long, default_value_t = 1, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=20))]
    patience: u32,
    /// The tests of the short form, which the gate runs.
    #[arg(long)]
    short: bool,
    /// Says what tests there are.
    #[arg(long)]
    list: bool,
    /// Runs these tests; without any, all.
    #[arg(value_name = "TEST")]
    tests: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let scripts = chosen(options, script::all(&guest_image::programs(&workspace))?)?;
    if options.list {
        scripts.iter().for_each(describe);
        return Ok(ExitCode::SUCCESS);
    }
    let plan = Plan::of(options.suite, options.short);
    let guest = guest_image::make(&workspace, &plan)?;
    let site = Site::set(&workspace, options.qemu, options.program.as_deref())?;
    println!("QEMU {} and Debian {}", site.version, options.suite.name());
    let lab = Lab {
        workspace: &workspace,
        site: &site,
        guest: &guest,
        patience: options.patience,
    };
    let mut report = Report::default();
    let only: &[Card] = match (options.short, options.gpu.as_slice()) {
        (true, []) => SHORT_CARDS,
        (_, only) => only,
    };
    for script in &scripts {
        let rows = lab.test(script, only);
        report.rows.extend(rows);
    }
    println!("\n{report}\nresults: {}", lab.results().display());
    Ok(report.exit_code())
}

/// The cards of the short form: Paravane's, and QEMU's own to compare them with.
const SHORT_CARDS: &[Card] = &[
    Card::VirtioGpuPci,
    Card::Paravane,
    Card::ParavaneVga,
    Card::ParavaneBlob,
];

/// For the gate and the demo, which run on whatever machine there is.
const PATIENCE: u32 = 3;

/// Runs the short form in a guest of `suite`, which is made if it is not there.
pub(crate) fn run_short(
    workspace: &Workspace,
    suite: Generation,
    program: &Path,
) -> Result<Vec<(String, Outcome)>> {
    let guest = guest_image::make(workspace, &Plan::of(suite, true))?;
    let site = Site::set(workspace, Choice::Lab, Some(program))?;
    let (site, guest) = (&site, &guest);
    let lab = Lab {
        workspace,
        site,
        guest,
        patience: PATIENCE,
    };
    let scripts = script::all(&guest_image::programs(workspace))?;
    let short = scripts.iter().filter(|script| script.short);
    let rows = short.flat_map(|script| lab.test(script, SHORT_CARDS));
    Ok(rows.map(Row::into_outcome).collect())
}

/// What `cargo xtask demo --vm` shows, and on what.
const DEMO: &[&str] = &[
    "bars",
    "console",
    "firmware",
    "gl-picture",
    "glmark2",
    "hotplug",
    "three-outputs",
    "vkcube",
    "vulkan",
    "weston",
];
const DEMO_CARDS: &[Card] = &[
    Card::VirtioGpuPci,
    Card::VirtioVga,
    Card::Paravane,
    Card::ParavaneVga,
    Card::ParavaneBlob,
];

/// Shows Paravane as the card of a guest with the newest Mesa, and writes a page of that.
pub(crate) fn demo(workspace: &Workspace, program: &Path) -> Result<ExitCode> {
    let guest = guest_image::make(workspace, &Plan::of(Generation::Sid, false))?;
    let site = Site::set(workspace, Choice::Lab, Some(program))?;
    let title = format!(
        "QEMU {}, a guest of Debian's {}",
        site.version,
        guest.suite.name()
    );
    let (site, guest) = (&site, &guest);
    let lab = Lab {
        workspace,
        site,
        guest,
        patience: PATIENCE,
    };
    let mut scripts = script::all(&guest_image::programs(workspace))?;
    scripts.retain(|script| DEMO.contains(&script.name.as_str()));
    let rows = scripts
        .iter()
        .flat_map(|script| lab.test(script, DEMO_CARDS));
    let report = Report {
        rows: rows.collect(),
    };
    let folder = workspace.target().join("demo/vm");
    page::write(&folder, &title, &report, &lab.results())?;
    println!("\n{report}\npage: {}", folder.join("index.html").display());
    Ok(report.exit_code())
}

fn chosen(options: &Options, all: Vec<Script>) -> Result<Vec<Script>> {
    let known = |name: &&String| all.iter().any(|script| script.name == **name);
    if let Some(name) = options.tests.iter().find(|name| !known(name)) {
        return Err(Error::Missing(format!("there is no test `{name}`")));
    }
    let wanted = |script: &Script| {
        let named = options.tests.is_empty() || options.tests.contains(&script.name);
        named && (script.short || !options.short)
    };
    Ok(all.into_iter().filter(wanted).collect())
}

fn describe(script: &Script) {
    let cards: Vec<String> = script.cards.iter().map(|card| card.name()).collect();
    println!("{}\n  {}\n  {}", script.name, script.about, cards.join(" "));
}

/// A guest and what runs it.
struct Lab<'a> {
    workspace: &'a Workspace,
    site: &'a Site,
    guest: &'a Guest,
    patience: u32,
}

impl Lab<'_> {
    /// Runs `script` on the cards it names that are in `only`, or on all.
    fn test(&self, script: &Script, only: &[Card]) -> Vec<Row> {
        let first = script.cards.first().filter(|_| script.compares_cards());
        let wanted = |card: &&Card| only.is_empty() || only.contains(card) || Some(*card) == first;
        let mut rows: Vec<(Card, Row)> = Vec::new();
        for &card in script.cards.iter().filter(wanted) {
            let mut row = self.run(script, card);
            if row.outcome == Outcome::Passed
                && let Err(error) = self.compare(script, card, rows.first().map(|(card, _)| *card))
            {
                row.outcome = Outcome::Failed(error.to_string());
            }
            println!("{row}");
            rows.push((card, row));
        }
        rows.into_iter().map(|(_, row)| row).collect()
    }

    fn run(&self, script: &Script, card: Card) -> Row {
        let mut row = Row {
            test: script.name.clone(),
            card: card.name(),
            outcome: Outcome::Passed,
            figures: Figures::default(),
            notes: Vec::new(),
        };
        if let Some(reason) = self.objection(script, card) {
            row.outcome = Outcome::Skipped(reason);
            return row;
        }
        let setup = self.setup(script, card);
        if let Err(error) = site::bring(self.workspace, &script.programs) {
            row.outcome = Outcome::Failed(error.to_string());
        }
        let mut rounds = 0;
        while rounds < script.repeat && row.outcome == Outcome::Passed {
            rounds += 1;
            match session::run(&setup) {
                Ok(run) => {
                    row.outcome = run.outcome;
                    (row.figures, row.notes) = (run.figures, run.notes);
                }
                Err(error) => row.outcome = Outcome::Failed(error.to_string()),
            }
        }
        if script.repeat > 1 {
            row.notes
                .push(format!("{rounds} of {} times", script.repeat));
        }
        row
    }

    fn objection(&self, script: &Script, card: Card) -> Option<String> {
        let suite = self.guest.suite;
        if !script.guests.is_empty() && !script.guests.contains(&suite) {
            return Some(format!("not for {}", suite.name()));
        }
        self.site.objection(script, card)
    }

    fn setup<'a>(&'a self, script: &'a Script, card: Card) -> Setup<'a> {
        let folder = guest_image::folder(self.workspace);
        Setup {
            site: self.site,
            guest: self.guest,
            script,
            card,
            patience: self.patience,
            tests: guest_image::programs(self.workspace),
            clients: site::clients(self.workspace),
            folder: folder.join(format!("run-{}", std::process::id())),
            results: self.results_of(script, card),
        }
    }

    /// Compares the pictures of `card` with each other and with those of the first card.
    fn compare(&self, script: &Script, card: Card, first: Option<Card>) -> Result<()> {
        let here = self.results_of(script, card);
        for group in &script.alike {
            let mut paths = group.iter().map(|name| here.join(name));
            if let Some(one) = paths.next() {
                paths.try_for_each(|other| pictures::alike(&one, &other))?;
            }
        }
        let different: Vec<_> = script
            .different
            .iter()
            .map(|name| here.join(name))
            .collect();
        pictures::different(&different)?;
        let Some(first) = first else { return Ok(()) };
        let there = self.results_of(script, first);
        let (mut identical, mut same) = (script.identical.iter(), script.same.iter());
        identical.try_for_each(|name| pictures::identical(&there.join(name), &here.join(name)))?;
        same.try_for_each(|name| pictures::alike(&there.join(name), &here.join(name)))
    }

    fn results_of(&self, script: &Script, card: Card) -> PathBuf {
        self.results().join(&script.name).join(card.name())
    }

    fn results(&self) -> PathBuf {
        let name = format!("{}-{}", self.guest.suite.name(), self.site.choice.name());
        guest_image::folder(self.workspace)
            .join("results")
            .join(name)
    }
}
