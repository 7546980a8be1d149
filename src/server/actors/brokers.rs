//! Kafka brokers, one of which now and then loses its session and comes back, and what the
//! controller then does: another controller, other leaders, smaller and larger in-sync sets.

use serde_json::{Value, json};

use super::Actor;
use super::world::World;
use crate::proto::CreateMode;

const BROKERS: [u64; 3] = [1, 2, 3];
const TOPICS: &str = "/kafka/brokers/topics";
const CONTROLLER: &str = "/kafka/controller";
const EPOCH: &str = "/kafka/controller_epoch";
const ISR_CHANGES: &str = "/kafka/isr_change_notification";

/// The cluster.
#[derive(Default)]
pub struct Brokers {
    /// Whether a broker is away.
    degraded: bool,
}

/// A partition's state, as the controller wants to change it.
struct Partition {
    path: String,
    state: Value,
    replicas: Vec<u64>,
}

impl Actor for Brokers {
    fn weight(&self) -> u32 {
        if self.degraded { 6 } else { 2 }
    }

    fn act(&mut self, world: &mut World) {
        for change in world.children(ISR_CHANGES) {
            world.delete(&format!("{ISR_CHANGES}/{change}"));
        }
        let down = BROKERS.into_iter().find(|&id| !world.exists(&ids(id)));
        self.degraded = down.is_none();
        match down {
            Some(id) => come_back(world, id),
            None => {
                if let Some(&id) = world.choose(&BROKERS) {
                    go_away(world, id);
                }
            }
        }
    }
}

fn ids(id: u64) -> String {
    format!("/kafka/brokers/ids/{id}")
}

fn session(id: u64) -> String {
    format!("broker-{id}")
}

fn go_away(world: &mut World, id: u64) {
    world.end(&session(id));
    elect_controller(world);
    let epoch = controller_epoch(world);
    for mut partition in partitions(world) {
        let mut isr = partition.isr();
        // The last one stays in the set though it is down: it alone has all the data.
        if !isr.contains(&id) || isr.len() == 1 {
            continue;
        }
        isr.retain(|&other| other != id);
        if partition.leader() == Some(id) {
            partition.lead(isr[0], epoch);
        }
        partition.state["isr"] = json!(isr);
        partition.save(world);
    }
}

fn come_back(world: &mut World, id: u64) {
    let host = format!("broker-{id}.example.internal");
    let text = json!({
        "features": {},
        "listener_security_protocol_map": {"PLAINTEXT": "PLAINTEXT", "TLS": "SSL"},
        "endpoints": [format!("PLAINTEXT://{host}:9092"), format!("TLS://{host}:9093")],
        "jmx_port": 9999,
        "port": 9092,
        "host": host,
        "version": 5,
        "timestamp": world.now_ms.to_string(),
    });
    let mode = CreateMode::Ephemeral;
    if world
        .create_as(&session(id), &ids(id), &text.to_string(), mode)
        .is_none()
    {
        return;
    }
    elect_controller(world);
    let epoch = controller_epoch(world);
    let mut joined = Vec::new();
    for mut partition in partitions(world) {
        let mut isr = partition.isr();
        if !partition.replicas.contains(&id) || isr.contains(&id) {
            continue;
        }
        isr.push(id);
        partition.state["isr"] = json!(isr);
        // The first replica leads whenever it can.
        if partition.replicas.first() == Some(&id) {
            partition.lead(id, epoch);
        }
        partition.save(world);
        joined.push(partition.name());
    }
    let text = json!({"version": 1, "partitions": joined}).to_string();
    let path = format!("{ISR_CHANGES}/isr_change_");
    world.create(&path, &text, CreateMode::PersistentSequential);
}

/// If there is no controller, a broker that is up becomes it.
fn elect_controller(world: &mut World) {
    if world.exists(CONTROLLER) {
        return;
    }
    let up: Vec<u64> = BROKERS
        .into_iter()
        .filter(|&id| world.exists(&ids(id)))
        .collect();
    let Some(&id) = world.choose(&up) else {
        return;
    };
    let text = json!({
        "version": 2,
        "brokerid": id,
        "timestamp": world.now_ms.to_string(),
        "kraftControllerEpoch": -1,
    });
    let mode = CreateMode::Ephemeral;
    world.create_as(&session(id), CONTROLLER, &text.to_string(), mode);
    let epoch = controller_epoch(world).saturating_add(1);
    world.set(EPOCH, &epoch.to_string());
}

fn controller_epoch(world: &World) -> u64 {
    let text = world.text(EPOCH);
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// All partitions whose state can be read.
fn partitions(world: &World) -> Vec<Partition> {
    let mut found = Vec::new();
    for topic in world.children(TOPICS) {
        let path = format!("{TOPICS}/{topic}");
        let replicas = json_at(world, &path).unwrap_or_default();
        for number in world.children(&format!("{path}/partitions")) {
            let path = format!("{path}/partitions/{number}/state");
            if let Some(state) = json_at(world, &path).filter(Value::is_object) {
                let replicas = numbers(&replicas["partitions"][&number]);
                found.push(Partition {
                    path,
                    state,
                    replicas,
                });
            }
        }
    }
    found
}

fn json_at(world: &World, path: &str) -> Option<Value> {
    serde_json::from_str(&world.text(path)?).ok()
}

fn numbers(value: &Value) -> Vec<u64> {
    let values = value.as_array();
    values
        .into_iter()
        .flatten()
        .filter_map(Value::as_u64)
        .collect()
}

impl Partition {
    fn isr(&self) -> Vec<u64> {
        numbers(&self.state["isr"])
    }

    fn leader(&self) -> Option<u64> {
        self.state["leader"].as_u64()
    }

    fn lead(&mut self, leader: u64, controller_epoch: u64) {
        let epoch = self.state["leader_epoch"].as_u64().unwrap_or_default();
        self.state["leader"] = json!(leader);
        self.state["leader_epoch"] = json!(epoch.saturating_add(1));
        self.state["controller_epoch"] = json!(controller_epoch);
    }

    /// Its topic and number, as a notification names it.
    fn name(&self) -> Value {
        let mut parts = self.path[TOPICS.len()..].split('/').skip(1);
        let topic = parts.next().unwrap_or_default();
        let number: u64 = parts
            .nth(1)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default();
        json!({"topic": topic, "partition": number})
    }

    fn save(&self, world: &mut World) {
        world.set(&self.path, &self.state.to_string());
    }
}
