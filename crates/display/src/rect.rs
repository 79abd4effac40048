/// Pixels of an image or a screen, from the top left on (`struct virtio_gpu_rect`). It may end
/// anywhere: see [`Rect::is_within`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rect {
    /// The left edge.
    pub x: u32,
    /// The upper edge.
    pub y: u32,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

impl Rect {
    /// All of an image.
    pub const fn of_size(width: u32, height: u32) -> Self {
        Self {
            x: 0,
            y: 0,
            width,
            height,
        }
    }

    /// Whether there is no pixel in it.
    pub const fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// How many pixels.
    pub fn area(&self) -> u64 {
        u64::from(self.width).saturating_mul(self.height.into())
    }

    /// Whether every pixel lies in an image of this size.
    pub fn is_within(&self, width: u32, height: u32) -> bool {
        let ends = |start: u32, size: u32, limit: u32| {
            start.checked_add(size).is_some_and(|end| end <= limit)
        };
        ends(self.x, self.width, width) && ends(self.y, self.height, height)
    }

    /// Whether every pixel of `other` is in this one, too.
    pub fn contains(&self, other: &Self) -> bool {
        self.intersection(other) == Some(*other)
    }

    /// The pixels that are in both.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let (x, width) = overlap((self.x, self.width), (other.x, other.width))?;
        let (y, height) = overlap((self.y, self.height), (other.y, other.height))?;
        Some(Self {
            x,
            y,
            width,
            height,
        })
    }

    /// The smallest rectangle around both.
    pub fn union(&self, other: &Self) -> Self {
        let (x, width) = around((self.x, self.width), (other.x, other.width));
        let (y, height) = around((self.y, self.height), (other.y, other.height));
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// The same pixels, counted from a point up and left of them; none if it is not.
    pub fn relative_to(&self, x: u32, y: u32) -> Option<Self> {
        Some(Self {
            x: self.x.checked_sub(x)?,
            y: self.y.checked_sub(y)?,
            ..*self
        })
    }
}

/// A start and a size.
type Span = (u32, u32);

fn end((start, size): Span) -> u32 {
    start.saturating_add(size)
}

fn overlap(a: Span, b: Span) -> Option<Span> {
    let start = a.0.max(b.0);
    let size = end(a).min(end(b)).checked_sub(start)?;
    (size > 0).then_some((start, size))
}

fn around(a: Span, b: Span) -> Span {
    let start = a.0.min(b.0);
    (start, end(a).max(end(b)).saturating_sub(start))
}
