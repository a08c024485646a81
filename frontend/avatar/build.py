"""Build avatar.glb:  python3 build.py [output.glb] [hair style: sweep | bob]"""
import os
import sys
import time
import numpy as np
from . import face_surface as fs
from . import parts, rig, sculpt
from .gltf import Glb
from .head import Head
from .mesh import Mesh, join, mirrored, mix, smooth_values, smoothstep
from .sdf import occlusion

NECK_AT, HEAD_AT = np.array([0, -1.35, -.12]), np.array([0, -.85, -.10])


def contact_shade(m, *fields, reach=.30, strength=.9, floor=(.55, .42, .42)):
    """Multiply vertex colours by occlusion from neighbouring parts (hair over forehead, chin over neck...)."""
    n = m.normals()
    occ = np.ones(len(m.pos))
    for f in fields:
        occ *= occlusion(f, m.pos, n, reach, 5, strength)
    occ = smooth_values(m.tri, occ, 2)
    m.open = smoothstep(0, .7, occ) * (1 if m.open is None else m.open)
    m.color = m.color * mix(np.asarray(floor), np.ones(3), smoothstep(.1, 1, occ)[:, None])


HAIR_CELL = dict(sweep=.071, bob=.085)            # coarser polygons where there is more hair: same budget


def build(path, style='sweep'):
    t = time.time()
    head = Head()
    skin = head.mesh()
    ear = sculpt.ear()
    skin_all = join(skin, ear, mirrored(ear))
    hair, hoodie, neck = sculpt.hair(style, HAIR_CELL[style]), sculpt.hoodie(), parts.neck()
    cords = join(*parts.cords())
    contact_shade(skin_all, sculpt.hair_distance(style))
    contact_shade(neck, fs.skull_distance, sculpt.hoodie_distance, reach=.45, strength=1.1)
    up, low = parts.teeth()
    tongue = parts.tongue()
    mouth = join(up, low, tongue)
    bp, bt = parts.brow_points()
    lp, lt = parts.lash_points()
    brow, lash = Mesh(bp, bt).tint((1, 1, 1)), Mesh(lp, lt).tint((.45, .42, .45))
    brows = join(brow, mirrored(brow), lash, mirrored(lash))
    rig.add_morphs(head, skin_all, mouth, brows, (up, low, tongue), (len(bp), len(lp)))
    eye = parts.eyeball()

    g = Glb()
    mat = dict(skin=g.material('skin', (.86, .60, .47), .5), hair=g.material('hair', (.10, .05, .035), .5),
               brow=g.material('brow', (.07, .04, .03), .6), cloth=g.material('cloth', (.16, .28, .45), .85), cord=g.material('cord', (.9, .85, .75), .8),
               mouth=g.material('mouth', (1, 1, 1), .35), eye=g.material('eye', (1, 1, 1), .1))
    root = g.node('avatar')
    g.node('body', root, g.mesh('body', hoodie, mat['cloth']))
    g.node('cords', root, g.mesh('cords', cords, mat['cord']))
    nk = g.node('neck', root, at=NECK_AT)
    g.node('throat', nk, g.mesh('throat', neck, mat['skin'], NECK_AT))
    hd = g.node('head', nk, at=HEAD_AT - NECK_AT)
    g.node('face', hd, g.mesh('face', skin_all, mat['skin'], HEAD_AT))
    g.node('hair', hd, g.mesh('hair', hair, mat['hair'], HEAD_AT))
    g.node('brows', hd, g.mesh('brows', brows, mat['brow'], HEAD_AT))
    g.node('mouth', hd, g.mesh('mouth', mouth, mat['mouth'], HEAD_AT))
    em = g.mesh('eye', eye, mat['eye'])
    for name, sx in (('eyeLeft', 1), ('eyeRight', -1)):
        g.node(name.replace('eye', 'eyeball'), g.node(name, hd, at=fs.EYE * [sx, 1, 1] - HEAD_AT), em)
    g.save(path)
    total = 0
    for name, m, k in (('face', skin_all, 1), ('neck', neck, 1), ('hair', hair, 1), ('brows', brows, 1), ('mouth', mouth, 1),
                       ('body', hoodie, 1), ('cords', cords, 1), ('eye', eye, 2)):
        total += len(m.tri) * k
        print(f'{name:6s} {len(m.pos):6d} verts {len(m.tri):6d} tris x{k}  {len(m.morphs)} morphs')
    print(f'total {total} tris, {os.path.getsize(path)} bytes, {time.time() - t:.1f} s')


if __name__ == '__main__':
    build(*(sys.argv[1:3] or ['../avatar.glb']))
