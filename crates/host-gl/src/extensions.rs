use std::collections::HashSet;

/// The names of extensions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions(HashSet<Box<str>>);

impl Extensions {
    /// Names with spaces between them.
    pub(crate) fn of_words(words: &str) -> Self {
        Self(words.split_ascii_whitespace().map(Into::into).collect())
    }

    /// Whether `name` is among them.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl FromIterator<String> for Extensions {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }
}
