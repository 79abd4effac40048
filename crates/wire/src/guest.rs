use std::fmt;

/// A value that came from a guest and whose contents stay out of logs.
///
/// Shader text, file names and pixels are the guest's own business: `Debug` prints the
/// type's name only. Reaching the value takes an explicit [`Guest::into_inner`] or
/// [`Guest::as_inner`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Guest<T>(T);

impl<T> Guest<T> {
    /// Marks `value` as the guest's.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Lends the value.
    pub const fn as_inner(&self) -> &T {
        &self.0
    }

    /// Hands the value over.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Guest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guest<{}>(..)", std::any::type_name::<T>())
    }
}

#[cfg(test)]
mod tests {
    use super::Guest;

    #[test]
    fn debug_is_redacted() {
        let secret = Guest::new(String::from("secret"));
        let printed = format!("{secret:?}");
        assert!(!printed.contains("secret"), "{printed}");
        assert_eq!(secret.as_inner(), "secret");
        assert_eq!(secret.into_inner(), "secret");
    }
}
