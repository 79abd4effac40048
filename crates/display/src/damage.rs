use crate::Rect;

/// Rectangles that are kept apart. Each costs a viewer a message of its own, and what lies between
/// two of them costs the time to copy it; desktops change a few places at a time.
const MAX_RECTS: usize = 8;

/// What is new in an image: a few rectangles that cover it, and little more. They do not overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Damage {
    rects: Vec<Rect>,
}

impl Damage {
    pub(crate) fn is_empty(&self) -> bool {
        self.rects.is_empty()
    }

    /// Adds a rectangle.
    pub(crate) fn add(&mut self, rect: Rect) {
        if rect.is_empty() || self.rects.iter().any(|known| known.contains(&rect)) {
            return;
        }
        self.join(rect);
        if self.rects.len() > MAX_RECTS {
            self.join_the_nearest();
        }
    }

    /// Takes all of them.
    pub(crate) fn take(&mut self) -> Vec<Rect> {
        std::mem::take(&mut self.rects)
    }

    /// Adds a rectangle, as one with those that it overlaps, and those that then overlap.
    fn join(&mut self, mut rect: Rect) {
        while let Some(at) = self
            .rects
            .iter()
            .position(|it| it.intersection(&rect).is_some())
        {
            rect = rect.union(&self.rects.swap_remove(at));
        }
        self.rects.push(rect);
    }

    /// Makes one of the two whose union has the fewest pixels that are in neither.
    fn join_the_nearest(&mut self) {
        let pairs = (0..self.rects.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
        let waste = |&(a, b): &(usize, usize)| match (self.rects.get(a), self.rects.get(b)) {
            (Some(a), Some(b)) => {
                let both = a.area().saturating_add(b.area());
                a.union(b).area().saturating_sub(both)
            }
            _ => u64::MAX,
        };
        if let Some((a, b)) = pairs.min_by_key(waste) {
            // `b` is behind `a`, so that `a` stays in its place.
            let other = self.rects.swap_remove(b);
            let rect = self.rects.swap_remove(a);
            self.join(rect.union(&other));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
        Rect {
            x,
            y,
            width,
            height,
        }
    }

    #[test]
    fn what_is_covered_already_adds_nothing() {
        let mut damage = Damage::default();
        damage.add(rect(0, 0, 10, 10));
        damage.add(rect(2, 2, 3, 3));
        damage.add(rect(2, 2, 0, 3));
        assert_eq!(damage.take(), [rect(0, 0, 10, 10)]);
        assert!(damage.is_empty());
    }

    #[test]
    fn far_places_stay_apart() {
        let mut damage = Damage::default();
        damage.add(rect(0, 0, 4, 4));
        damage.add(rect(1000, 1000, 4, 4));
        assert_eq!(damage.take().len(), 2);
    }

    fn any_rect() -> impl Strategy<Value = Rect> {
        (0u32..40, 0u32..40, 0u32..12, 0u32..12).prop_map(|(x, y, w, h)| rect(x, y, w, h))
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn all_is_covered_by_few_rectangles_that_do_not_overlap(
            rects in proptest::collection::vec(any_rect(), 0..40),
        ) {
            let mut damage = Damage::default();
            for rect in &rects {
                damage.add(*rect);
            }
            let kept = damage.take();
            prop_assert!(kept.len() <= MAX_RECTS);
            for (at, one) in kept.iter().enumerate() {
                prop_assert!(!one.is_empty());
                prop_assert!(kept[..at].iter().all(|other| one.intersection(other).is_none()));
            }
            for rect in rects.iter().filter(|rect| !rect.is_empty()) {
                prop_assert!(kept.iter().any(|it| it.contains(rect)), "{rect:?} in {kept:?}");
            }
        }
    }
}
