//! What a test says of itself: the lines `#: WORD VALUE…` at the top of its file.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::card::{Card, Size};
use super::qemu::Version;
use crate::error::{Error, Result};
use crate::guest_image::Generation;

/// A test that runs in a guest.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Script {
    pub(crate) name: String,
    /// Its first comment: what it shows.
    pub(crate) about: String,
    /// On these it runs, in this order.
    pub(crate) cards: Vec<Card>,
    pub(crate) start: Start,
    /// Resizing outputs needs QEMU's D-Bus display.
    pub(crate) bus: bool,
    /// The pointer is seen in a window alone.
    pub(crate) window: bool,
    pub(crate) outputs: Vec<Size>,
    /// How many outputs the card has, whose size it says at run time.
    pub(crate) heads: u32,
    /// It and its guest are killed after that.
    pub(crate) limit: Duration,
    /// The oldest QEMU it can run on.
    pub(crate) qemu: Option<Version>,
    /// The guests it runs in; none for all.
    pub(crate) guests: Vec<Generation>,
    /// Pictures that are the same file on every card as on the first.
    pub(crate) identical: Vec<String>,
    /// Pictures that show the same on every card as on the first.
    pub(crate) same: Vec<String>,
    /// Pictures of one run that show the same.
    pub(crate) alike: Vec<Vec<String>>,
    /// Pictures of one run of which no two show the same.
    pub(crate) different: Vec<String>,
    /// Programs of the workspace that it runs in its guest.
    pub(crate) programs: Vec<Program>,
    pub(crate) repeat: u32,
    /// Its guest may reboot.
    pub(crate) reboots: bool,
    /// It loads the card's driver itself.
    pub(crate) late: bool,
    /// It is in the short form.
    pub(crate) short: bool,
}

/// A program of the workspace, or one of its tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) package: String,
    pub(crate) test: Option<String>,
}

/// What a test's machine starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The firmware alone; the test is a picture of what it shows.
    Firmware,
    /// The small initramfs.
    Mini,
    /// The guest's whole root.
    Root,
}

/// What a test gets that asks for no other: several times what it takes on a quiet machine.
const LIMIT: Duration = Duration::from_secs(90);

/// Files beside the tests that are none.
const NOT_TESTS: &[&str] = &["init", "lib"];

/// Reads all tests in `folder`, by name.
pub(crate) fn all(folder: &Path) -> Result<Vec<Script>> {
    let entries = fs::read_dir(folder).map_err(Error::io("read", folder))?;
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "sh"))
        .collect();
    paths.sort();
    let mut scripts = Vec::new();
    for path in paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if NOT_TESTS.contains(&name.as_ref()) {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let script = Script::parse(&name, &text);
        scripts.push(script.map_err(|what| Error::Rule(format!("{}: {what}", path.display())))?);
    }
    Ok(scripts)
}

impl Script {
    fn parse(name: &str, text: &str) -> Result<Self, String> {
        let mut script = Self::named(name);
        let comments = text
            .lines()
            .skip(1)
            .map_while(|line| line.strip_prefix('#'));
        let mut about = Vec::new();
        for comment in comments {
            match comment.strip_prefix(": ") {
                Some(line) => script.set(line)?,
                None => about.push(comment.trim()),
            }
        }
        script.about = about.join(" ").trim().to_owned();
        if script.cards.is_empty() {
            return Err("it names no cards".to_owned());
        }
        Ok(script)
    }

    /// Whether what the first card gives is compared with what the others give.
    pub(crate) fn compares_cards(&self) -> bool {
        !(self.identical.is_empty() && self.same.is_empty())
    }

    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            about: String::new(),
            cards: Vec::new(),
            start: Start::Mini,
            bus: false,
            window: false,
            outputs: Vec::new(),
            heads: 1,
            limit: LIMIT,
            qemu: None,
            guests: Vec::new(),
            identical: Vec::new(),
            same: Vec::new(),
            alike: Vec::new(),
            different: Vec::new(),
            programs: Vec::new(),
            repeat: 1,
            reboots: false,
            late: false,
            short: false,
        }
    }

    fn set(&mut self, line: &str) -> Result<(), String> {
        let mut words = line.split_whitespace();
        let word = words.next().unwrap_or_default();
        let values: Vec<&str> = words.collect();
        let one = || match values[..] {
            [value] => Ok(value),
            _ => Err(format!("`{word}` takes one value")),
        };
        match word {
            "cards" => self.cards = each(&values, "card", Card::named)?,
            "start" => self.start = parsed(one()?, "start", Start::named)?,
            "outputs" => self.outputs = each(&values, "size", Size::parse)?,
            "heads" => self.heads = parsed(one()?, "number", number)?,
            "guests" => self.guests = each(&values, "guest", Generation::named)?,
            "limit" => self.limit = Duration::from_secs(parsed(one()?, "number", number)?.into()),
            "qemu" => self.qemu = Some(parsed(one()?, "version", Version::of_number)?),
            "repeat" => self.repeat = parsed(one()?, "number", number)?,
            "identical" => self.identical = values.iter().map(|&name| name.to_owned()).collect(),
            "same" => self.same = values.iter().map(|&name| name.to_owned()).collect(),
            "alike" => {
                let names = values.iter().map(|&name| name.to_owned());
                self.alike.push(names.collect());
            }
            "different" => self.different = values.iter().map(|&name| name.to_owned()).collect(),
            "programs" => self.programs = values.iter().map(|name| Program::named(name)).collect(),
            "bus" => self.bus = true,
            "window" => self.window = true,
            "reboots" => self.reboots = true,
            "late" => self.late = true,
            "short" => self.short = true,
            _ => return Err(format!("`{word}` is not known")),
        }
        Ok(())
    }
}

impl Program {
    /// `PACKAGE`, or `PACKAGE/TEST`.
    fn named(name: &str) -> Self {
        let (package, test) = match name.split_once('/') {
            Some((package, test)) => (package, Some(test.to_owned())),
            None => (name, None),
        };
        let package = package.to_owned();
        Self { package, test }
    }

    /// What the guest calls it.
    pub(crate) fn file(&self) -> String {
        match &self.test {
            Some(test) => format!("{}-{test}", self.package),
            None => self.package.clone(),
        }
    }
}

impl Start {
    fn named(name: &str) -> Option<Self> {
        match name {
            "firmware" => Some(Self::Firmware),
            "mini" => Some(Self::Mini),
            "root" => Some(Self::Root),
            _ => None,
        }
    }
}

fn each<T>(
    words: &[&str],
    kind: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, String> {
    let values = words.iter().map(|word| parsed(word, kind, &parse));
    values.collect()
}

fn parsed<T>(word: &str, kind: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    parse(word).ok_or_else(|| format!("`{word}` is no {kind}"))
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Card, Duration, Path, Program, Script, Size, Start, Version, all};

    const TEXT: &str = "#!/bin/sh\n\
        # The bars are the same\n# on every card.\n#\n\
        #: cards virtio-gpu-pci paravane\n\
        #: start root\n#: outputs 800x600\n#: limit 60\n#: qemu 11.1\n\
        #: identical bars.png\n#: alike a.png b.ppm\n#: different a.png c.png\n\
        #: programs vulkan-client device/scanouts\n#: short\n\n\
        # no longer\n. lib\n";

    #[test]
    fn a_test_says_what_it_needs() {
        let script = Script::parse("bars", TEXT).expect("sound");
        assert_eq!(script.about, "The bars are the same on every card.");
        assert_eq!(script.cards, [Card::VirtioGpuPci, Card::Paravane]);
        assert_eq!(script.start, Start::Root);
        assert_eq!(script.outputs, Vec::from_iter(Size::parse("800x600")));
        assert_eq!(script.limit, Duration::from_secs(60));
        assert_eq!(script.qemu, Some(Version(11, 1)));
        assert_eq!(script.identical, ["bars.png"]);
        assert_eq!(script.alike, [["a.png", "b.ppm"]]);
        assert_eq!(script.different, ["a.png", "c.png"]);
        let files: Vec<_> = script.programs.iter().map(Program::file).collect();
        assert_eq!(files, ["vulkan-client", "device-scanouts"]);
        assert!(script.short && !script.bus && script.repeat == 1);
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        for line in [
            "cards cirrus",
            "limit soon",
            "colour red",
            "start",
            "start a b",
        ] {
            let text = format!("#!/bin/sh\n#: cards paravane\n#: {line}\n");
            assert!(Script::parse("x", &text).is_err(), "{line}");
        }
        assert!(Script::parse("x", "#!/bin/sh\n").is_err(), "no cards");
    }

    #[test]
    fn every_test_here_is_sound() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vm");
        let scripts = all(&folder).expect("sound");
        assert!(scripts.iter().any(|script| script.short));
        assert!(scripts.iter().all(|script| !script.about.is_empty()));
    }
}
