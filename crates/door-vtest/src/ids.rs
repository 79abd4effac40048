use std::collections::HashSet;

/// Numbers from 1 on, the most recently freed first.
///
/// They stay small because clients index arrays with them (`util_sparse_array` in Mesa's
/// `src/virtio/vulkan/vn_renderer_vtest.c`).
#[derive(Debug, Default)]
pub(crate) struct Ids {
    free: Vec<u32>,
    taken: HashSet<u32>,
    /// The largest number handed out so far.
    last: u32,
}

impl Ids {
    /// Takes a number; `None` after all four thousand million.
    pub(crate) fn take(&mut self) -> Option<u32> {
        let id = match self.free.pop() {
            Some(id) => id,
            None => {
                self.last = self.last.checked_add(1)?;
                self.last
            }
        };
        self.taken.insert(id);
        Some(id)
    }

    /// Gives a number back. One that [`Ids::take`] did not return is passed over: clients below
    /// version 3 choose numbers of their own.
    pub(crate) fn give_back(&mut self, id: u32) {
        if self.taken.remove(&id) {
            self.free.push(id);
        }
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
    fn numbers_of_others_do_not_come() {
        let mut ids = Ids::default();
        assert_eq!(ids.take(), Some(1));
        ids.give_back(9);
        ids.give_back(1);
        ids.give_back(1);
        assert_eq!(
            [ids.take(), ids.take(), ids.take()],
            [Some(1), Some(2), Some(3)]
        );
    }

    #[test]
    fn numbers_run_out_and_do_not_wrap() {
        let mut ids = Ids {
            last: u32::MAX - 1,
            ..Ids::default()
        };
        assert_eq!([ids.take(), ids.take()], [Some(u32::MAX), None]);
    }
}
