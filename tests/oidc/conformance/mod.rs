//! The modules of the published plans of the OpenID Foundation's conformance suite, one test for each by its name. Each
//! says what of the module it does not cover.

mod back_channel;
mod rp_initiated;
