//! Why something outside the process did not work.

/// Why an attempt failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// In words, for the attempts' log. Never a secret.
    pub error: String,
    /// Whether no other attempt can succeed.
    pub permanent: bool,
}
