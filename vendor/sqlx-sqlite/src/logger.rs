pub(crate) use sqlx_core::logger::*;
