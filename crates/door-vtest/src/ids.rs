/// Numbers from 1 on, the most recently freed first.
///
/// They stay small because clients index arrays with them (`util_sparse_array` in Mesa's
/// `src/virtio/vulkan/vn_renderer_vtest.c`).
#[derive(Debug, Default)]
pub(crate) struct Ids {
    free: Vec<u32>,
    /// The largest number handed out so far.
    last: u32,
}

impl Ids {
    /// Takes a number; `None` after all four thousand million.
    pub(crate) fn take(&mut self) -> Option<u32> {
        if let Some(id) = self.free.pop() {
            return Some(id);
        }
        self.last = self.last.checked_add(1)?;
        Some(self.last)
    }

    /// Gives a number back that [`Ids::take`] returned.
    pub(crate) fn give_back(&mut self, id: u32) {
        self.free.push(id);
    }
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn freed_numbers_come_back_first() {
        let mut ids = Ids::default();
        assert_eq!(
            [ids.take(), ids.take(), ids.take()],
            [Some(1), Some(2), Some(3)]
        );
        ids.give_back(1);
        ids.give_back(2);
        assert_eq!(
            [ids.take(), ids.take(), ids.take()],
            [Some(2), Some(1), Some(4)]
        );
    }

    #[test]
    fn numbers_run_out_and_do_not_wrap() {
        let mut ids = Ids {
            free: Vec::new(),
            last: u32::MAX - 1,
        };
        assert_eq!([ids.take(), ids.take()], [Some(u32::MAX), None]);
    }
}
