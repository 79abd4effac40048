//! What the host does with queries, fences, events and timeline semaphores.

use ash::vk;

use crate::error::{Named as _, Result};
use crate::gpu::{Device, Gpu, Owned};

impl Gpu {
    /// Makes a pool of queries.
    pub(crate) fn queries(
        &self,
        kind: vk::QueryType,
        count: u32,
        statistics: vk::QueryPipelineStatisticFlags,
    ) -> Result<Owned<vk::QueryPool>> {
        let info = vk::QueryPoolCreateInfo::default()
            .query_type(kind)
            .query_count(count)
            .pipeline_statistics(statistics);
        self.create_query_pool(&info)
    }

    /// Makes a timeline semaphore.
    pub(crate) fn timeline(&self, value: u64) -> Result<Owned<vk::Semaphore>> {
        let mut kind = vk::SemaphoreTypeCreateInfo::default()
            .semaphore_type(vk::SemaphoreType::TIMELINE)
            .initial_value(value);
        self.create_semaphore(&vk::SemaphoreCreateInfo::default().push_next(&mut kind))
    }
}

impl Device {
    /// Reads queries from the first on; `T` is as long as one query's results.
    pub(crate) fn query_results<T: Default + Clone>(
        &self,
        pool: &vk::QueryPool,
        count: usize,
        flags: vk::QueryResultFlags,
    ) -> Result<Vec<T>> {
        let mut results = vec![T::default(); count];
        // SAFETY: scenes choose plain numbers or arrays of them for `T`.
        unsafe {
            self.raw
                .get_query_pool_results(*pool, 0, &mut results, flags)
        }
        .named("vkGetQueryPoolResults")?;
        Ok(results)
    }

    /// Resets queries from the host.
    pub(crate) fn reset_queries(&self, pool: &vk::QueryPool, count: u32) {
        // SAFETY: the pool is this device's own and not in use.
        unsafe { self.raw.reset_query_pool(*pool, 0, count) };
    }

    /// Whether a fence is signalled.
    pub(crate) fn is_signalled(&self, fence: &vk::Fence) -> Result<bool> {
        // SAFETY: the fence is this device's own.
        unsafe { self.raw.get_fence_status(*fence) }.named("vkGetFenceStatus")
    }

    /// Resets fences.
    pub(crate) fn reset_fences(&self, fences: &[vk::Fence]) -> Result<()> {
        // SAFETY: the fences are this device's own and not in use.
        unsafe { self.raw.reset_fences(fences) }.named("vkResetFences")
    }

    /// Whether an event is set.
    pub(crate) fn is_set(&self, event: &vk::Event) -> Result<bool> {
        // SAFETY: the event is this device's own.
        unsafe { self.raw.get_event_status(*event) }.named("vkGetEventStatus")
    }

    /// Sets an event from the host.
    pub(crate) fn set_event(&self, event: &vk::Event) -> Result<()> {
        // SAFETY: as above.
        unsafe { self.raw.set_event(*event) }.named("vkSetEvent")
    }

    /// Resets an event from the host.
    pub(crate) fn reset_event(&self, event: &vk::Event) -> Result<()> {
        // SAFETY: as above; no pending command waits for the event.
        unsafe { self.raw.reset_event(*event) }.named("vkResetEvent")
    }

    /// The value of a timeline semaphore.
    pub(crate) fn counter(&self, semaphore: &vk::Semaphore) -> Result<u64> {
        // SAFETY: the semaphore is this device's own.
        unsafe { self.raw.get_semaphore_counter_value(*semaphore) }
            .named("vkGetSemaphoreCounterValue")
    }

    /// Sets a timeline semaphore from the host.
    pub(crate) fn signal(&self, semaphore: &vk::Semaphore, value: u64) -> Result<()> {
        let info = vk::SemaphoreSignalInfo::default()
            .semaphore(*semaphore)
            .value(value);
        // SAFETY: as above.
        unsafe { self.raw.signal_semaphore(&info) }.named("vkSignalSemaphore")
    }
}
