"""What a host that nobody knows can get out of the binder by UDP.

strangers.py amplification ADDRESS    every procedure of every version: the largest answer, and by how
                                      much it is larger than its question; then the procedures over
                                      a stream, which have no such bound
strangers.py set ADDRESS              SET and UNSET of all versions over UDP and TCP: the answers
"""
import select
import socket
import struct
import sys

PROGRAM = 100000


def call(version, procedure, arguments=b""):
    return struct.pack(">10I", 7, 0, 2, PROGRAM, version, procedure, 0, 0, 0, 0) + arguments


def text(value):
    value = value.encode()
    return struct.pack(">I", len(value)) + value + b"\0" * (-len(value) % 4)


def rpcb(program=PROGRAM, version=4, netid="", address="", owner=""):
    return struct.pack(">II", program, version) + text(netid) + text(address) + text(owner)


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def over_udp(address, message):
    with socket.socket(family(address), socket.SOCK_DGRAM) as s:
        s.settimeout(0.15)
        s.connect((address, 111))
        s.send(message)
        try:
            return s.recv(65536)
        except TimeoutError:
            return b""


def over_tcp(address, message):
    with socket.create_connection((address, 111)) as s:
        s.sendall(struct.pack(">I", 0x80000000 | len(message)) + message)
        s.shutdown(socket.SHUT_WR)
        received = b""
        while part := s.recv(65536):
            received += part
        return received[4:]


def questions():
    """Every procedure, also such as there are not, with arguments and without."""
    some = [b"", struct.pack(">4I", PROGRAM, 2, 6, 0), rpcb(), rpcb(7, 1, "tcp", "1.2.3.4.0.1"),
            text("1.2.3.4.0.111"), text(""), struct.pack(">I", 16) + text("\2\0\0o" + "\0" * 12),
            struct.pack(">4I", PROGRAM, 2, 0, 0), struct.pack(">4I", 300001, 1, 0, 0)]
    for version in range(6):
        for procedure in range(15):
            for arguments in some:
                yield call(version, procedure, arguments)
    # Headers that are cut off or wrong: shorter than any call.
    whole = call(4, 4)
    for length in range(0, 40, 4):
        yield whole[:length]
    yield struct.pack(">4I", 7, 0, 3, PROGRAM)
    yield struct.pack(">3I", 7, 0, 9)


def answers(address, batch):
    """Each question from a socket of its own; silence ends when nothing has come for a while."""
    sockets = {}
    for question in batch:
        s = socket.socket(family(address), socket.SOCK_DGRAM)
        s.connect((address, 111))
        s.send(question)
        sockets[s] = question
    try:
        while ready := select.select(list(sockets), [], [], 0.3)[0]:
            for s in ready:
                yield sockets[s], s.recv(65536)
    finally:
        for s in sockets:
            s.close()


def amplification(address):
    worst, largest, answered, which = 0.0, 0, 0, b""
    all_questions = list(questions())
    for begin in range(0, len(all_questions), 200):
        for question, answer in answers(address, all_questions[begin:begin + 200]):
            answered += 1
            largest = max(largest, len(answer))
            ratio = len(answer) / max(len(question), 1)
            if ratio > worst:
                worst, which = ratio, question
    print("worst %.2f largest %d answered %d by %s" % (worst, largest, answered, which.hex()))
    print("dump %d" % len(over_tcp(address, call(4, 4))))


def set_and_unset(address):
    for over in over_udp, over_tcp:
        for version, arguments in ((2, struct.pack(">4I", 300001, 1, 6, 2049)),
                                   (3, rpcb(300001, 1, "tcp", "0.0.0.0.8.1")),
                                   (4, rpcb(300001, 1, "tcp", "0.0.0.0.8.1"))):
            for procedure in 1, 2:
                answer = over(address, call(version, procedure, arguments))
                print(version, procedure, struct.unpack(">%dI" % (len(answer) // 4), answer)[2:])


if __name__ == "__main__":
    {"amplification": amplification, "set": set_and_unset}[sys.argv[1]](sys.argv[2])
