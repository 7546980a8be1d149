//! The tree of `zooscope demo`. What it holds is in `assets/demo.toml`; here is what it must
//! never lose: one of every kind of thing that a user may meet.

/// The demo's seed, as text.
pub const DEMO: &str = include_str!("../../../assets/demo.toml");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::net::Ipv4Addr;

    use serde_json::Value;

    use super::super::{Seed, node::SeedNode};
    use super::DEMO;
    use crate::proto::{CreateMode, Perms};

    fn demo() -> Seed {
        Seed::parse(DEMO).expect("the demo's seed is right")
    }

    fn below<'a>(seed: &'a Seed, path: &str) -> Vec<&'a SeedNode> {
        let prefix = format!("{path}/");
        let nodes = seed.nodes.values();
        nodes
            .filter(|node| node.path.starts_with(&prefix))
            .collect()
    }

    fn bytes<'a>(seed: &'a Seed, path: &str) -> &'a [u8] {
        seed.nodes[path].data.as_deref().expect("it has data")
    }

    fn json(node: &SeedNode) -> Value {
        let data = node.data.as_deref().expect("it has data");
        serde_json::from_slice(data).expect("it is JSON")
    }

    fn owners(nodes: &[&SeedNode]) -> usize {
        let owners: BTreeSet<_> = nodes
            .iter()
            .filter_map(|node| node.owner.as_ref())
            .collect();
        owners.len()
    }

    #[test]
    fn it_has_a_kafka() {
        let seed = demo();
        let brokers = below(&seed, "/kafka/brokers/ids");
        assert_eq!(owners(&brokers), 3);
        assert!(brokers.iter().all(|broker| json(broker)["port"] == 9092));
        assert_eq!(seed.nodes["/kafka/controller"].mode, CreateMode::Ephemeral);
        let mut partitions = 0;
        for node in below(&seed, "/kafka/brokers/topics") {
            if node.path.ends_with("/state") {
                let state = json(node);
                let isr = state["isr"].as_array().expect("an array");
                assert!(isr.contains(&state["leader"]), "{}", node.path);
                partitions += 1;
            }
        }
        assert!(partitions >= 5);
    }

    #[test]
    fn it_has_locks_with_waiters_an_election_and_a_registry() {
        let seed = demo();
        let named = |path: &str, part: &str| {
            let mut found = below(&seed, path);
            found.retain(|node| node.path.contains(part));
            owners(&found)
        };
        assert!(named("/locks/orders", "/_c_") >= 3);
        assert!(named("/locks/reindex", "__lock__0") >= 3);
        assert!(named("/election/scheduler", "__lock__0") >= 3);
        assert!(named("/election/billing", "-latch-0") >= 2);
        assert!(named("/services", "") >= 5);
        let mut instances = below(&seed, "/services");
        instances.retain(|node| node.owner.is_some());
        assert!(
            instances
                .iter()
                .all(|node| json(node)["serviceType"] == "DYNAMIC")
        );
        assert!(below(&seed, "/queues/thumbnails").len() >= 5);
        assert!(seed.nodes["/locks/orders"].mode == CreateMode::Container);
        let ttl = |node: &SeedNode| node.mode.ttl_ms().is_some();
        assert!(seed.nodes.values().any(ttl));
    }

    #[test]
    fn it_has_values_of_every_format() {
        let seed = demo();
        let starts = [
            ("/app/search/logback.xml", &b"<?xml"[..]),
            ("/solr/configs/products/solrconfig.xml", b"<?xml"),
            ("/app/catalog/application.yaml", b"server:\n"),
            ("/app/catalog/pool.properties", b"# "),
            ("/app/search/synonyms.json.gz", b"\x1f\x8b"),
            ("/solr/collections/clickstream/state.json", b"\x78"),
            ("/hbase/master", b"\xff\0\0\0"),
            ("/samples/values/java-serialised", b"\xac\xed\0\x05"),
            ("/samples/values/protobuf", b"\x0a\x04"),
        ];
        for (path, start) in starts {
            assert!(bytes(&seed, path).starts_with(start), "{path}");
        }
        assert_eq!(
            json(&seed.nodes["/app/checkout/config.json"])["currency"],
            "EUR"
        );
        assert!(json(&seed.nodes["/solr/collections/products/state.json"]).is_object());
        assert_eq!(bytes(&seed, "/samples/values/empty"), b"");
        assert_eq!(seed.nodes["/samples/values/null"].data, None);
        assert!(std::str::from_utf8(bytes(&seed, "/samples/values/random")).is_err());
    }

    #[test]
    fn it_has_a_wide_and_a_deep_node_odd_names_and_secrets() {
        let seed = demo();
        assert_eq!(below(&seed, "/samples/wide").len(), 5_000);
        assert!(below(&seed, "/samples/deep").len() >= 25);
        let names = below(&seed, "/samples/names");
        let has = |wanted: char| names.iter().any(|node| node.path.contains(wanted));
        assert!(has('価') && has('\u{301}') && has('\u{202e}') && has(' '));
        let secret = &seed.nodes["/secure/payments"];
        assert!(secret.acl.iter().all(|acl| acl.id.scheme == "digest"));
        let readable = &seed.nodes["/secure/public-keys"].acl[0];
        assert_eq!(
            (readable.perms, readable.id.scheme.as_str()),
            (Perms::READ, "world")
        );
    }

    #[test]
    fn its_addresses_are_nobodys() {
        for node in demo().nodes.values() {
            let text = String::from_utf8_lossy(node.data.as_deref().unwrap_or_default());
            let words = text.split(|char: char| !char.is_ascii_digit() && char != '.');
            for address in words.filter_map(|word| word.parse::<Ipv4Addr>().ok()) {
                assert!(address.is_documentation(), "{}: {address}", node.path);
            }
        }
    }
}
