"""Reads topics whole, and asks for ends and for what a sink's group has committed."""
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

RETRIABLE = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE, KafkaError._TRANSPORT)


def consumer(bootstrap, group="penstock-tests"):
    return Consumer({"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False,
                     "enable.partition.eof": True, "auto.offset.reset": "earliest", "fetch.wait.max.ms": 20,
                     "queued.max.messages.kbytes": 65536, "allow.auto.create.topics": False, "log_level": 0})


class Ends:
    """The high watermarks of topics with one partition."""

    def __init__(self, bootstrap):
        self.consumer = consumer(bootstrap)

    def of(self, topics, timeout=10):
        return {topic: self._end(topic, timeout) for topic in topics}

    def _end(self, topic, timeout):
        absent = 0
        until = time.monotonic() + timeout
        while absent < 2:
            try:
                return self.consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=timeout, cached=False)[1]
            except KafkaException as error:
                if error.args[0].code() in (KafkaError._UNKNOWN_PARTITION, KafkaError.UNKNOWN_TOPIC_OR_PART):
                    absent += 1
                elif not error.args[0].retriable() and error.args[0].code() not in RETRIABLE or time.monotonic() > until:
                    raise
                if absent < 2:  # what the client remembers of the topic may be old
                    self.consumer.list_topics(timeout=timeout)
        return 0

    def close(self):
        self.consumer.close()


def committed(bootstrap, group, topics, timeout=10):
    """{topic: committed offset of partition 0, or 0}"""
    reader = consumer(bootstrap, group)
    try:
        found = reader.committed([TopicPartition(topic, 0) for topic in topics], timeout=timeout)
        return {p.topic: max(p.offset, 0) for p in found}
    finally:
        reader.close()


def read(bootstrap, topic, timeout=60):
    """Every message of partition 0 of a topic, as it is now."""
    reader = consumer(bootstrap)
    try:
        reader.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            for message in reader.consume(10000, timeout=0.1):
                if message.error():
                    if message.error().code() == KafkaError._PARTITION_EOF:
                        return
                    if message.error().code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
                        return
                    raise KafkaException(message.error())
                yield message
                until = time.monotonic() + timeout
        raise TimeoutError(f"reading {topic}")
    finally:
        reader.close()


def follow(bootstrap, topic, offset):
    """A consumer of partition 0 from an offset on."""
    reader = consumer(bootstrap)
    reader.assign([TopicPartition(topic, 0, offset)])
    return reader


def create(bootstrap, names, timeout=20):
    """Topics with one partition."""
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    for future in client.create_topics([NewTopic(name, 1, 1) for name in names]).values():
        future.result(timeout)


def configure(bootstrap, topic, config):
    """Sets configs of a topic; those that were set before and are not named go back to their defaults."""
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    for future in client.alter_configs([ConfigResource(ConfigResource.Type.TOPIC, topic, config)]).values():
        future.result(20)


def produce(bootstrap, topic, messages, partition=0):
    """messages: (key bytes, value bytes) pairs"""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 5})
    failed = []
    for key, value in messages:
        while True:
            try:
                producer.produce(topic, value, key, partition=partition,
                                 on_delivery=lambda error, _: failed.append(error) if error else None)
                break
            except BufferError:
                producer.poll(0.1)
    producer.flush(30)
    if failed:
        raise KafkaException(failed[0])
