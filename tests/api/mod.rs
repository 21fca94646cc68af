//! Operations, as clients see them.

mod registration;
