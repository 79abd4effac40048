/// What a context has done so far, for people. Counters may lag behind by what is being
/// executed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContextStats {
    /// What the guest's program says that it is.
    pub application: Option<Application>,
    /// The GPUs that it made devices of, each once.
    pub gpus: Vec<String>,
    /// Commands of the protocol that were executed.
    pub commands: u64,
    /// Commands that failed and were passed over, where the protocol has such.
    pub failures: u64,
    /// Draw commands that were recorded; how often they were executed is not known.
    pub draws: u64,
    /// Dispatches and ray traces that were recorded, likewise.
    pub dispatches: u64,
    /// Pipelines that were asked for.
    pub pipelines: u64,
    /// Submissions to a queue. Mesa's drivers make two or three for a frame that is shown;
    /// frames themselves are presented by the guest, and not seen here.
    pub submissions: u64,
    /// Bytes of the GPU's memory, allocated or imported, at most at a time.
    pub memory_peak: u64,
    /// Bytes of replies.
    pub reply_bytes: u64,
}

/// What a program says that it is (`VkApplicationInfo`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Application {
    /// Its name.
    pub name: String,
    /// Its engine's name.
    pub engine: String,
    /// The Vulkan version that it asks for (`VK_MAKE_API_VERSION`).
    pub api_version: u32,
}
