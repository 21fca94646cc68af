//! Pictures that were drawn smaller a moment ago.

use crate::kit::id::TenantId;
use bytes::Bytes;

/// How many bytes of them are kept.
const KEPT: u64 = 32 << 20;

/// A picture by its tenant, its hash and its longest side.
type Place = (TenantId, String, u32);

/// Small pictures, with the type of each.
#[derive(Clone, Debug)]
pub struct Thumbnails(moka::sync::Cache<Place, (Bytes, &'static str)>);

impl Default for Thumbnails {
    fn default() -> Self {
        let weigh = |_: &Place, (bytes, _): &(Bytes, &str)| u32::try_from(bytes.len() + 200).unwrap_or(u32::MAX);
        Self(moka::sync::Cache::builder().weigher(weigh).max_capacity(KEPT).build())
    }
}

impl Thumbnails {
    /// The one of this place, if it is kept.
    #[must_use]
    pub fn get(&self, place: &Place) -> Option<(Bytes, &'static str)> {
        self.0.get(place)
    }

    /// Keeps one.
    pub fn keep(&self, place: Place, picture: (Bytes, &'static str)) {
        self.0.insert(place, picture);
    }
}
