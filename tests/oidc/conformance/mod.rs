//! The modules of the OpenID Foundation's conformance plans that apply, a test for each and named after it. They
//! check what a module checks as far as its documentation says so; that suite itself is not run here, nor is a
//! browser's script. The client sends no PKCE, as the plans' clients do not.

mod back_channel;
mod basic;
mod config;
mod plan;
mod rp_initiated;
