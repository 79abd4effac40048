//! The Venus protocol from vk.xml: registry, resolve, emit.
#![forbid(unsafe_code)]

pub mod emit;
pub mod registry;
pub mod resolve;
pub mod special_cases;

/// The registry files, pinned by `registry/SHA256SUMS`.
pub mod input {
    /// The Vulkan registry.
    pub const VK_XML: &str = include_str!("../registry/vk.xml");
    /// What the Venus protocol adds to it.
    pub const MESA_XML: &str = include_str!("../registry/mesa.xml");
    /// The command numbers, which no rule derives.
    pub const COMMAND_IDS: &str = include_str!("../registry/venus-command-ids.csv");
    /// The extensions that the protocol carries.
    pub const EXTENSIONS: &str = include_str!("../registry/venus-extensions.csv");
}

/// Reads and resolves the pinned inputs.
///
/// # Errors
/// The inputs are not what the generator expects.
pub fn protocol() -> Result<(registry::Registry, resolve::Protocol), Error> {
    let mut registry = registry::Registry::default();
    registry.read(input::VK_XML)?;
    registry.read(input::MESA_XML)?;
    let protocol = resolve::resolve(&registry, input::COMMAND_IDS, input::EXTENSIONS)?;
    Ok((registry, protocol))
}

/// Why generating failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A registry file cannot be read.
    #[error(transparent)]
    Registry(#[from] registry::RegistryError),
    /// The protocol cannot be resolved from it.
    #[error(transparent)]
    Resolve(#[from] resolve::ResolveError),
}

/// Every generated file of the repository.
///
/// # Errors
/// The inputs are not what the generator expects.
pub fn generate() -> Result<Vec<emit::File>, Error> {
    let (registry, protocol) = protocol()?;
    let model = emit::Model::new(&registry, &protocol);
    let mut files = emit::types::emit(&model);
    files.extend(emit::wire::emit(&model));
    files.extend(emit::host::emit(&model));
    files.push(emit::render::emit(&model));
    Ok(files)
}
