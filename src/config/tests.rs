//! Keys, and what counts as development.

use super::*;

#[test]
fn every_key_is_explained() {
    let explained: Vec<_> = KEYS.iter().map(|(key, _)| *key).collect();
    let unknown = Config::deserialize(toml::Table::from_iter([("colour".to_owned(), "red".into())]));
    let message = unknown.unwrap_err().to_string();
    let known: Vec<_> = message.split('`').skip(3).step_by(2).collect();
    assert_eq!(explained, known, "{message}");
}

#[test]
fn development_is_what_only_the_machine_itself_reaches() {
    let is_development = |public_url: &str| {
        let config = Config {
            public_url: Some(public_url.parse().unwrap()),
            ..Config::default()
        };
        config.is_development()
    };
    for here in [
        "http://localhost:8080",
        "https://id.localhost",
        "http://127.9.9.9",
        "http://[::1]:1",
    ] {
        assert!(is_development(here), "{here}");
    }
    for elsewhere in [
        "https://id.example.com",
        "http://localhost.example.com",
        "http://10.0.0.1",
        "http://[::2]",
    ] {
        assert!(!is_development(elsewhere), "{elsewhere}");
    }
    assert!(Config::default().is_development());
    let everywhere = "0.0.0.0:8080".to_owned();
    assert!(
        !Config {
            listen: everywhere,
            ..Config::default()
        }
        .is_development()
    );
}
