use display::Rect;
use edid::{Manufacturer, Mode, Monitor, Text};

use crate::limits::MAX_SCANOUTS;
use crate::{Device, Error, Notice};

/// A screen that the guest may have, on the scanout of its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// What users call it.
    pub name: Text,
    /// The mode that it likes best.
    pub mode: Mode,
    /// Whether it is plugged in.
    pub is_connected: bool,
}

/// What a scanout is to show, as the guest is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScreenInfo {
    /// Where the screen stands among the others, and its size in pixels.
    pub rect: Rect,
    /// Whether it is plugged in.
    pub is_connected: bool,
}

impl Device {
    /// What each scanout is to show. Screens stand side by side, in their order; scanouts that the
    /// device lacks have none.
    pub fn display_info(&self) -> [ScreenInfo; MAX_SCANOUTS] {
        let mut infos = [ScreenInfo::default(); MAX_SCANOUTS];
        let mut x = 0u32;
        for (info, screen) in infos.iter_mut().zip(&self.screens) {
            if !screen.is_connected {
                continue;
            }
            let rect = Rect {
                x,
                y: 0,
                width: screen.mode.width(),
                height: screen.mode.height(),
            };
            // At most 16 times 16384.
            x = x.saturating_add(rect.width);
            *info = ScreenInfo {
                rect,
                is_connected: true,
            };
        }
        infos
    }

    /// What a scanout's screen says of itself: an EDID of at most [`edid::MAX_SIZE`] bytes. One
    /// that is not plugged in has that of when it last was: guests ask for all of them, and take
    /// an error for one of the device's.
    ///
    /// # Errors
    /// [`Error::NoScanout`].
    pub fn edid(&self, scanout: u32) -> Result<Vec<u8>, Error> {
        let screen = self.screen(scanout)?;
        let bug = |_| Error::Bug("a screen without an EDID");
        let maker = Manufacturer::new("PVN").map_err(bug)?;
        let mut monitor = Monitor::new(maker, screen.name.clone(), screen.mode);
        // Guests keep settings by it; 0 is none.
        monitor.serial = scanout.saturating_add(1);
        monitor.edid().map_err(bug)
    }

    /// Plugs a screen in, gives it another mode, or (without one) plugs it out. The guest is to be
    /// told if that is new: [`Notice::ScreensChanged`]. What the scanout shows is the guest's.
    ///
    /// # Errors
    /// [`Error::NoScanout`].
    pub fn set_screen(&mut self, scanout: u32, mode: Option<Mode>) -> Result<(), Error> {
        let index = self.scanout_index(scanout)?;
        let Some(screen) = self.screens.get_mut(index) else {
            return Err(Error::NoScanout(scanout));
        };
        let before = (screen.is_connected, screen.mode);
        screen.is_connected = mode.is_some();
        screen.mode = mode.unwrap_or(screen.mode);
        if before != (screen.is_connected, screen.mode)
            && !self.notices.contains(&Notice::ScreensChanged)
        {
            self.notices.push(Notice::ScreensChanged);
        }
        Ok(())
    }

    /// How many scanouts there are.
    pub fn scanout_count(&self) -> usize {
        self.screens.len()
    }

    fn screen(&self, scanout: u32) -> Result<&Screen, Error> {
        let index = self.scanout_index(scanout)?;
        self.screens.get(index).ok_or(Error::NoScanout(scanout))
    }

    /// Where a scanout is in lists of them.
    pub(crate) fn scanout_index(&self, scanout: u32) -> Result<usize, Error> {
        let index = usize::try_from(scanout).ok();
        index
            .filter(|index| *index < self.screens.len())
            .ok_or(Error::NoScanout(scanout))
    }
}
