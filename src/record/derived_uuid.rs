//! UUIDs (version 5) that are derived from strings, so that the same strings always have the same one.

use uuid::Uuid;

/// The namespace of every UUID that is derived here. Never change it, or the parts that IDs are derived from: stored
/// records would no longer be recognised.
const NAMESPACE: Uuid = Uuid::from_u128(0x5d8c_35c1_7f0a_4b0e_9d35_86a5_57c2_0b5f);

/// A UUID derived from `bytes`.
pub fn digest(bytes: &[u8]) -> Uuid {
    Uuid::new_v5(&NAMESPACE, bytes)
}

/// A UUID derived from `parts`. Its name is a JSON array, because no two lists of strings have the same: `("a", "b#c")`
/// differs from `("a#b", "c")`.
#[expect(clippy::expect_used, reason = "writing strings to memory cannot fail")]
pub fn derive(parts: &[&str]) -> Uuid {
    Uuid::new_v5(&NAMESPACE, &serde_json::to_vec(parts).expect("strings can be written as JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(derive(&["a", "b#c"]), derive(&["a#b", "c"]));
        assert_ne!(derive(&["a\",\"b"]), derive(&["a", "b"]));
        assert_eq!(derive(&["a", "b"]), derive(&["a", "b"]));
    }
}
