//! Instances of services that are restarted now and then: one vanishes with its session and
//! registers again under a new id, as Curator's discovery does it.

use super::Actor;
use super::world::World;
use crate::proto::CreateMode;

struct Instance {
    session: &'static str,
    service: &'static str,
    address: &'static str,
    port: u16,
    zone: &'static str,
    version: &'static str,
}

const INSTANCES: [Instance; 5] = [
    instance("catalog-1", "catalog", "192.0.2.41", 8080, "a", "4.11.0"),
    instance("catalog-2", "catalog", "192.0.2.42", 8080, "b", "4.11.0"),
    instance("payments-1", "payments", "192.0.2.51", 8090, "a", "2.3.7"),
    instance("payments-2", "payments", "192.0.2.52", 8090, "b", "2.3.7"),
    instance("search-1", "search", "192.0.2.61", 8070, "a", "1.58.2"),
];

const fn instance(
    session: &'static str,
    service: &'static str,
    address: &'static str,
    port: u16,
    zone: &'static str,
    version: &'static str,
) -> Instance {
    Instance {
        session,
        service,
        address,
        port,
        zone,
        version,
    }
}

/// The services' programs.
#[derive(Default)]
pub struct Registry {
    /// Whether an instance is away.
    restarting: bool,
}

impl Actor for Registry {
    fn weight(&self) -> u32 {
        if self.restarting { 6 } else { 2 }
    }

    fn act(&mut self, world: &mut World) {
        let gone: Vec<&Instance> = INSTANCES
            .iter()
            .filter(|instance| !instance.is_registered(world))
            .collect();
        self.restarting = gone.is_empty();
        if let Some(instance) = world.choose(&gone) {
            instance.register(world);
        } else if let Some(instance) = world.choose(&INSTANCES) {
            world.end(instance.session);
        }
    }
}

impl Instance {
    fn is_registered(&self, world: &World) -> bool {
        let parent = format!("/services/{}", self.service);
        let address = format!(r#""address":"{}""#, self.address);
        world.children(&parent).iter().any(|id| {
            let text = world.text(&format!("{parent}/{id}"));
            text.is_some_and(|text| text.contains(&address))
        })
    }

    fn register(&self, world: &mut World) {
        let id = world.uuid();
        let payload = serde_json::json!({
            "@class": "java.util.HashMap",
            "zone": self.zone,
            "version": self.version,
        });
        let text = serde_json::json!({
            "name": self.service,
            "id": id,
            "address": self.address,
            "port": self.port,
            "sslPort": null,
            "payload": payload,
            "registrationTimeUTC": world.now_ms,
            "serviceType": "DYNAMIC",
            "uriSpec": null,
            "enabled": true,
        });
        let path = format!("/services/{}/{id}", self.service);
        let mode = CreateMode::Ephemeral;
        world.create_as(self.session, &path, &text.to_string(), mode);
    }
}
