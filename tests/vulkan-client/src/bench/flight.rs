//! Two submissions in flight, as most programs have them.

use ash::vk;

use crate::error::Result;
use crate::gpu::{Commands, Gpu, Owned, Semaphores};

/// How many submissions may be under way at once.
pub(crate) const DEPTH: usize = 2;

/// Command buffers and fences that are used in turn.
pub(crate) struct Flight {
    gpu: Gpu,
    slots: Vec<(Commands, Owned<vk::Fence>)>,
    next: usize,
}

impl Flight {
    /// With nothing under way.
    pub(crate) fn new(gpu: &Gpu) -> Result<Self> {
        let slot = |_| Ok((Commands::once(gpu, 0)?, gpu.fence(true)?));
        let slots = (0..DEPTH).map(slot).collect::<Result<_>>()?;
        Ok(Self {
            gpu: gpu.clone(),
            slots,
            next: 0,
        })
    }

    /// Waits for the oldest slot; what it used is free again.
    pub(crate) fn wait(&mut self) -> Result<usize> {
        let slot = self.next;
        self.gpu.wait(&self.slots[slot].1)?;
        Ok(slot)
    }

    /// Records and submits in the slot that was waited for.
    pub(crate) fn submit(&mut self, record: impl FnOnce(&Commands)) -> Result<()> {
        let (commands, _) = &self.slots[self.next];
        commands.begin()?;
        record(commands);
        commands.end()?;
        self.resubmit()
    }

    /// Records the same in each slot, to be submitted many times.
    pub(crate) fn record(&mut self, record: impl Fn(&Commands)) -> Result<()> {
        for (commands, _) in &self.slots {
            commands.begin_with(&vk::CommandBufferBeginInfo::default())?;
            record(commands);
            commands.end()?;
        }
        Ok(())
    }

    /// Submits what the slot that was waited for holds.
    pub(crate) fn resubmit(&mut self) -> Result<()> {
        let (commands, fence) = &self.slots[self.next];
        self.gpu.reset_fences(&[**fence])?;
        self.gpu
            .submit(0, &[commands], Semaphores::default(), Some(fence))?;
        self.next = (self.next + 1) % DEPTH;
        Ok(())
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        // What the buffers use goes next, so nothing may be under way; an error shows elsewhere.
        let _ = self.gpu.idle();
    }
}
