//! The instance, its validation layer where asked for, and the choice of a device.

use std::ffi::{CStr, c_void};
use std::sync::Mutex;

use ash::{ext, vk};

use crate::error::{Error, Named as _, Result};

/// The layer's name.
const VALIDATION: &CStr = c"VK_LAYER_KHRONOS_validation";

/// A Vulkan instance and the physical device that was picked.
pub(crate) struct Instance {
    // Kept because the functions of `raw` live in the loader.
    pub(crate) entry: ash::Entry,
    pub(crate) raw: ash::Instance,
    pub(crate) physical: vk::PhysicalDevice,
    /// What the physical device says about itself.
    pub(crate) properties: vk::PhysicalDeviceProperties,
    driver: String,
    messenger: Option<Messenger>,
}

struct Messenger {
    functions: ext::debug_utils::Instance,
    handle: vk::DebugUtilsMessengerEXT,
    // Boxed: the layer keeps the address.
    messages: Box<Messages>,
}

type Messages = Mutex<Vec<String>>;

impl Instance {
    /// Opens an instance and picks the device with this index.
    ///
    /// # Errors
    ///
    /// No loader, no driver, no such device, or no validation layer though asked for.
    pub(crate) fn open(device: usize, validate: bool) -> Result<Self> {
        // SAFETY: the process does not unload the loader while `Instance` lives.
        let entry = unsafe { ash::Entry::load() }.map_err(|e| Error::Loader(e.to_string()))?;
        // SAFETY: the call has no preconditions.
        let version = unsafe { entry.try_enumerate_instance_version() }
            .named("vkEnumerateInstanceVersion")?
            .unwrap_or(vk::API_VERSION_1_0);
        if version < vk::API_VERSION_1_1 {
            return Err(Error::Loader("the loader speaks Vulkan 1.0 only".into()));
        }
        let raw = create(&entry, version.min(vk::API_VERSION_1_3), validate)?;
        let mut instance = Self {
            entry,
            raw,
            physical: vk::PhysicalDevice::null(),
            properties: vk::PhysicalDeviceProperties::default(),
            driver: String::new(),
            messenger: None,
        };
        if validate {
            instance.messenger = Some(Messenger::new(&instance)?);
        }
        instance.pick(device)?;
        Ok(instance)
    }

    /// The device's version, as far as this program knows Vulkan.
    pub(crate) fn version(&self) -> u32 {
        self.properties.api_version
    }

    /// One line about the device: name, driver, version.
    pub(crate) fn describe(&self) -> String {
        let name = self.properties.device_name_as_c_str().unwrap_or_default();
        let v = self.properties.api_version;
        format!(
            "device: {}; driver: {}; Vulkan {}.{}.{}",
            name.to_string_lossy(),
            self.driver,
            vk::api_version_major(v),
            vk::api_version_minor(v),
            vk::api_version_patch(v)
        )
    }

    /// The messages of the validation layer since the last call.
    pub(crate) fn take_messages(&self) -> Vec<String> {
        let Some(messenger) = &self.messenger else {
            return Vec::new();
        };
        let mut messages = messenger.messages.lock().unwrap_or_else(|e| e.into_inner());
        std::mem::take(&mut *messages)
    }

    fn pick(&mut self, index: usize) -> Result<()> {
        // SAFETY: the instance is alive.
        let all =
            unsafe { self.raw.enumerate_physical_devices() }.named("vkEnumeratePhysicalDevices")?;
        self.physical = *all.get(index).ok_or_else(|| {
            Error::Usage(format!("no device {index}: this machine has {}", all.len()))
        })?;
        // SAFETY: the physical device is the instance's own.
        self.properties = unsafe { self.raw.get_physical_device_properties(self.physical) };
        if self.version() < vk::API_VERSION_1_1 {
            return Err(Error::Usage(format!("device {index} has Vulkan 1.0 only")));
        }
        if self.version() >= vk::API_VERSION_1_2 {
            let mut driver = vk::PhysicalDeviceDriverProperties::default();
            self.query_properties(&mut driver);
            let name = driver
                .driver_name_as_c_str()
                .unwrap_or_default()
                .to_string_lossy();
            let info = driver
                .driver_info_as_c_str()
                .unwrap_or_default()
                .to_string_lossy();
            self.driver = format!("{name} ({info})");
        }
        Ok(())
    }

    /// Fills one extending structure of the device's properties.
    pub(crate) fn query_properties<T: vk::ExtendsPhysicalDeviceProperties2>(&self, into: &mut T) {
        let mut properties = vk::PhysicalDeviceProperties2::default().push_next(into);
        // SAFETY: the physical device is the instance's own, and the chain holds one structure.
        unsafe {
            self.raw
                .get_physical_device_properties2(self.physical, &mut properties)
        };
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: the devices hold the instance, so none is left; each is destroyed once.
        unsafe {
            if let Some(messenger) = self.messenger.take() {
                messenger
                    .functions
                    .destroy_debug_utils_messenger(messenger.handle, None);
            }
            self.raw.destroy_instance(None);
        }
    }
}

fn create(entry: &ash::Entry, version: u32, validate: bool) -> Result<ash::Instance> {
    let application = vk::ApplicationInfo::default()
        .application_name(c"vulkan-client")
        .application_version(1)
        .engine_name(c"none")
        .api_version(version);
    let layers = [VALIDATION.as_ptr()];
    let extensions = [ext::debug_utils::NAME.as_ptr()];
    let checks = [vk::ValidationFeatureEnableEXT::SYNCHRONIZATION_VALIDATION];
    let mut features = vk::ValidationFeaturesEXT::default().enabled_validation_features(&checks);
    let mut info = vk::InstanceCreateInfo::default().application_info(&application);
    if validate {
        info = info
            .enabled_layer_names(&layers)
            .enabled_extension_names(&extensions)
            .push_next(&mut features);
    }
    // SAFETY: everything that the structure points to lives until the call returns.
    unsafe { entry.create_instance(&info, None) }.named("vkCreateInstance")
}

impl Messenger {
    fn new(instance: &Instance) -> Result<Self> {
        let functions = ext::debug_utils::Instance::new(&instance.entry, &instance.raw);
        let messages: Box<Messages> = Box::default();
        let info = vk::DebugUtilsMessengerCreateInfoEXT::default()
            .message_severity(
                vk::DebugUtilsMessageSeverityFlagsEXT::ERROR
                    | vk::DebugUtilsMessageSeverityFlagsEXT::WARNING,
            )
            .message_type(vk::DebugUtilsMessageTypeFlagsEXT::VALIDATION)
            .pfn_user_callback(Some(collect))
            .user_data(std::ptr::from_ref(messages.as_ref()).cast_mut().cast());
        // SAFETY: `messages` is boxed and outlives the messenger, which Drop destroys first.
        let handle = unsafe { functions.create_debug_utils_messenger(&info, None) }
            .named("vkCreateDebugUtilsMessengerEXT")?;
        Ok(Self {
            functions,
            handle,
            messages,
        })
    }
}

/// Keeps a message of the validation layer.
unsafe extern "system" fn collect(
    _severity: vk::DebugUtilsMessageSeverityFlagsEXT,
    _types: vk::DebugUtilsMessageTypeFlagsEXT,
    data: *const vk::DebugUtilsMessengerCallbackDataEXT<'_>,
    messages: *mut c_void,
) -> vk::Bool32 {
    // SAFETY: the layer passes valid data, and `messages` is the boxed list given to it.
    let (data, messages) = unsafe { (&*data, &*messages.cast::<Messages>()) };
    // SAFETY: where it is not null, the message is a string that lives during the call.
    let text = unsafe { data.message_as_c_str() }.map(CStr::to_string_lossy);
    let mut messages = messages.lock().unwrap_or_else(|e| e.into_inner());
    messages.push(text.unwrap_or_default().into_owned());
    vk::FALSE
}
