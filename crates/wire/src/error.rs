/// What is wrong with a run of bytes. Every variant is the sender's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The bytes end before the value does.
    #[error("truncated: {needed} bytes needed, {remaining} left")]
    Truncated {
        /// Bytes that the value takes.
        needed: usize,
        /// Bytes that are left.
        remaining: usize,
    },
    /// The value is complete and bytes remain.
    #[error("{remaining} bytes trail the last value")]
    Trailing {
        /// Bytes that are left.
        remaining: usize,
    },
    /// A count or size is over its named limit.
    #[error("{what} is {got}, the limit is {limit}")]
    Limit {
        /// The field, in the protocol's words.
        what: &'static str,
        /// The largest value accepted.
        limit: u64,
        /// The value received.
        got: u64,
    },
    /// A field holds a value that the protocol gives no meaning to.
    #[error("{what} has no meaning for value {value:#x}")]
    BadValue {
        /// The field, in the protocol's words.
        what: &'static str,
        /// The value received.
        value: u64,
    },
    /// A text field is not UTF-8, or not terminated.
    #[error("{what} is not text")]
    BadText {
        /// The field, in the protocol's words.
        what: &'static str,
    },
}
