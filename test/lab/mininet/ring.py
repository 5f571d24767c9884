# Three switches in a ring, a host at each: `mn --custom ring.py --topo ring`.
from mininet.topo import Topo


class Ring(Topo):
    def build(self):
        switches = [self.addSwitch(f's{number}') for number in (1, 2, 3)]
        for number, switch in enumerate(switches, 1):
            self.addLink(self.addHost(f'h{number}'), switch)
            self.addLink(switch, switches[number % 3])


topos = {'ring': Ring}
