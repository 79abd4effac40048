use context::{Backing, Box3d, Transfer};
use format::{Format, ScanoutPixel};
use host_memory::{Mapping, Pages, Piece};

use crate::Error;
use crate::rows::Rows;

/// Pixels of an image, at most, in each direction: what GPUs draw to.
pub const MAX_SIZE: u32 = 16_384;

/// A 2D resource: rows of pixels, one behind the other, from the top left on. Clones share them.
#[derive(Clone, Debug)]
pub struct Image {
    format: Format,
    width: u32,
    height: u32,
    pixels: Mapping,
}

impl Image {
    /// An image of zeros. `format` is a number of `enum virtio_gpu_formats`, sizes are in pixels.
    ///
    /// # Errors
    /// [`Error::Format`], [`Error::Size`], [`Error::OutOfMemory`].
    pub fn new(format: u32, width: u32, height: u32) -> Result<Self, Error> {
        let size = Self::size_of(width, height)?;
        let known = Format::from_wire(format).filter(|it| Format::SCANOUT.contains(it));
        let format = known.ok_or(Error::Format(format))?;
        let (pixels, _) = Mapping::with_memfd("paravane-2d", size).map_err(Error::OutOfMemory)?;
        Ok(Self {
            format,
            width,
            height,
            pixels,
        })
    }

    /// Bytes of an image of this size in pixels.
    ///
    /// # Errors
    /// [`Error::Size`].
    pub fn size_of(width: u32, height: u32) -> Result<u64, Error> {
        let fits = |size: u32| (1..=MAX_SIZE).contains(&size);
        match fits(width) && fits(height) {
            // At most 2^30.
            true => Ok(u64::from(width) * u64::from(height) * u64::from(ScanoutPixel::BYTES)),
            false => Err(Error::Size { width, height }),
        }
    }

    /// Its pixels.
    pub fn format(&self) -> Format {
        self.format
    }

    /// In pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// In pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Bytes from row to row.
    pub fn stride(&self) -> u32 {
        // At most 2^16.
        self.width.saturating_mul(ScanoutPixel::BYTES)
    }

    /// The pixels themselves, to look at while they change.
    pub fn memory(&self) -> Backing {
        let size = u64::from(self.stride()).saturating_mul(self.height.into());
        let piece = Piece::new(Pages::from(self.pixels.clone()), 0, size);
        // The mapping was made for as many bytes.
        piece
            .ok()
            .and_then(|piece| Backing::new([piece]))
            .unwrap_or_default()
    }

    /// Moves pixels from the guest's memory into the image. Without a stride of its own
    /// (`VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D` has none), rows lie as far apart in the memory as
    /// those of the image, and `offset` is where the region's first pixel is there.
    ///
    /// # Errors
    /// Nothing has moved: [`Error::OutsideImage`], [`Error::OutsideMemory`], [`Error::Overlap`].
    pub fn transfer_to_host(&self, transfer: &Transfer, memory: &Backing) -> Result<(), Error> {
        match self.rows(transfer, memory)? {
            Some(rows) => Ok(rows.to_image(memory, &self.pixels)?),
            None => Ok(()),
        }
    }

    /// Moves pixels from the image into the guest's memory.
    ///
    /// # Errors
    /// Those of [`Image::transfer_to_host`].
    pub fn transfer_from_host(&self, transfer: &Transfer, memory: &Backing) -> Result<(), Error> {
        match self.rows(transfer, memory)? {
            Some(rows) => Ok(rows.to_memory(&self.pixels, memory)?),
            None => Ok(()),
        }
    }

    fn rows(&self, transfer: &Transfer, memory: &Backing) -> Result<Option<Rows>, Error> {
        if transfer.level != 0 || !self.has(&transfer.region) {
            return Err(Error::OutsideImage {
                width: self.width,
                height: self.height,
            });
        }
        Rows::new(transfer, self.width, ScanoutPixel::BYTES, memory.len())
    }

    /// Whether every pixel of a region lies in the image.
    fn has(&self, region: &Box3d) -> bool {
        let ends = |start: u32, size: u32, limit: u32| {
            start.checked_add(size).is_some_and(|end| end <= limit)
        };
        ends(region.x, region.width, self.width)
            && ends(region.y, region.height, self.height)
            && ends(region.z, region.depth, 1)
    }
}
